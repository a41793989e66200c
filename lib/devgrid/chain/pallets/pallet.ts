import type { AnyCodec } from "../scale/codec";
import { encodeValue } from "../scale/codec";
import type { Fields } from "../scale/composites";
import { describeFields } from "../scale/composites";
import type { Metadata, TypeTable } from "../scale/type-table";
import { variantsOf } from "../scale/type-table";
import type { StorageItem } from "./storage-item";

/** A call: its number inside the pallet and its arguments in order. */
export interface CallDescription<F extends Fields = Fields> {
  readonly index: number;
  readonly args: F;
}

/** A value fixed by the runtime that clients read from metadata. */
export interface Constant {
  readonly type: AnyCodec;
  readonly value: unknown;
}

/** A pallet as its clients see it. Events and errors are numbered in order, calls by their own index. */
export interface Pallet {
  readonly index: number;
  readonly name: string;
  /** First part of the names of its types. */
  readonly crate: string;
  readonly calls: { readonly [name: string]: CallDescription };
  readonly events: { readonly [name: string]: Fields };
  readonly errors: readonly string[];
  readonly storage: { readonly [name: string]: StorageItem };
  readonly constants: { readonly [name: string]: Constant };
}

/** A call. */
export function call<const F extends Fields>(index: number, args: F): CallDescription<F> {
  return { index, args };
}

/** Declares a pallet and gives its storage items their place. */
export function definePallet<const P extends Pallet>(pallet: P): P {
  for (const [name, item] of Object.entries(pallet.storage)) item.bind(pallet.name, name);
  return pallet;
}

/** The pallet's entry in metadata V14. */
export function describePallet(pallet: Pallet, types: TypeTable): Metadata["pallets"][number] {
  const storage = Object.values(pallet.storage).map((item) => item.describe(types));
  return {
    name: pallet.name,
    index: pallet.index,
    storage: storage.length > 0 ? { prefix: pallet.name, items: storage } : undefined,
    calls: numberOrNone(pallet.calls, () => describeCalls(pallet, types)),
    events: numberOrNone(pallet.events, () => describeEvents(pallet, types)),
    errors: numberOrNone(pallet.errors, () => describeErrors(pallet, types)),
    constants: Object.entries(pallet.constants).map(([name, { type, value }]) => ({
      name,
      type: type.describe(types),
      value: encodeValue(type, value).toString("latin1"),
      docs: [],
    })),
  };
}

/** The type of a pallet's calls. */
export function describeCalls(pallet: Pallet, types: TypeTable): number {
  return types.named(pallet.calls, () => ({
    path: `${pallet.crate}::pallet::Call`,
    def: variantsOf(
      Object.entries(pallet.calls).map(([name, { index, args }]) => ({
        name,
        index,
        fields: describeFields(args, types),
      })),
    ),
  }));
}

/** The type of a pallet's events. */
export function describeEvents(pallet: Pallet, types: TypeTable): number {
  return types.named(pallet.events, () => ({
    path: `${pallet.crate}::pallet::Event`,
    def: variantsOf(
      Object.entries(pallet.events).map(([name, fields], index) => ({
        name,
        index,
        fields: describeFields(fields, types),
      })),
    ),
  }));
}

function describeErrors(pallet: Pallet, types: TypeTable): number {
  return types.named(pallet.errors, () => ({
    path: `${pallet.crate}::pallet::Error`,
    def: variantsOf(pallet.errors.map((name, index) => ({ name, index, fields: [] }))),
  }));
}

function numberOrNone(entries: object, describe: () => number): number | undefined {
  return Object.keys(entries).length > 0 ? describe() : undefined;
}
