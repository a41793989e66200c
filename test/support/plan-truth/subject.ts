import type { Action, Block } from "../rpc-driver";
import type { Dice } from "./dice";

/** One configuration of an object, and what surrounds it. */
export interface Draft {
  /** Without references to other objects. */
  readonly block: Block;
  /** Name under which it is a host of the stack's mesh; undefined for none. */
  readonly host?: string;
  /** Environment variables its secrets come from. */
  readonly outside: Readonly<Record<string, string>>;
}

/** A kind of object that random configurations are drawn of. */
export interface Subject {
  readonly type: string;
  /** A first configuration. */
  draw(dice: Dice, name: string): Draft;
  /** The next one: a few changes, or another way to write the same. */
  change(dice: Dice, before: Draft): Draft;
  /** What a change comes to by the grid's rules alone: the node's update matrix and what is fixed at creation. */
  expected(before: Draft, after: Draft): Action;
  /** Attributes that a plan may not know yet. */
  readonly late: readonly string[];
  /** Storage by name, `type size`; its loss has to be seen in the plan. */
  storageOf(draft: Draft): ReadonlyMap<string, { readonly type: string; readonly size: number }>;
}

/** Names of storage that a change would lose. */
export function lostStorage(subject: Subject, before: Draft, after: Draft): string[] {
  const now = subject.storageOf(after);
  return [...subject.storageOf(before)].flatMap(([name, { type, size }]) => {
    const kept = now.get(name);
    return kept && kept.type === type && kept.size >= size ? [] : [name];
  });
}

/** Changes some attributes; undefined takes one out. */
export function changed(draft: Draft, change: Block): Draft {
  const entries = Object.entries({ ...draft.block, ...change }).filter(([, value]) => value !== undefined);
  return { ...draft, block: Object.fromEntries(entries) };
}
