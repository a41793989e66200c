import { quote } from "../../../core/errors";
import type { ContractCall } from "../../../model/call";
import type { ChainSession, EventRecord } from "../chain-session";
import { asNumber, asStruct, asVariant } from "../read/codec-json";
import { decodeContract } from "../read/decode-contract";
import type { Flight } from "./flight";
import { decodeRefusal, type Refusal } from "./refusal";
import { type ChainEvent, type GroupEvents, splitEvents } from "./split-events";

/** What a block did with one group of calls. */
export type Outcome =
  /** Contract of each call: new for creations, the given one otherwise. */
  | { readonly kind: "done"; readonly contractIds: readonly number[] }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The block that took an extrinsic, and what it did with each group. */
export interface Inclusion {
  readonly blockHash: string;
  readonly blockNumber: number;
  readonly outcomes: readonly Outcome[];
}

/** A block as far as it matters here. */
export interface Block {
  readonly hash: string;
  readonly parentHash: string;
  readonly number: number;
  /** Hex of each extrinsic, as it was sent. */
  readonly extrinsics: readonly string[];
}

/** Reads a block. Foreign extrinsics stay undecoded: one of an unknown shape must not matter. */
export async function readBlock(session: ChainSession, hash: string): Promise<Block> {
  const answer = await session.rpc("chain_getBlock", hash);
  if (answer === null) throw new Error(`the endpoint does not know block ${hash}`);
  const block = asStruct(asStruct(answer, "block").block, "block");
  const header = asStruct(block.header, "block header");
  if (!Array.isArray(block.extrinsics)) throw new Error(`block ${hash} has no extrinsics: ${quote(block.extrinsics)}`);
  return {
    hash,
    parentHash: String(header.parentHash),
    number: asNumber(header.number, "block number"),
    extrinsics: block.extrinsics.map(String),
  };
}

/** Reads what a block did with an extrinsic; undefined when the block holds none of its signings. */
export async function readInclusion(
  session: ChainSession,
  block: Block,
  { signings, groups }: Pick<Flight, "signings" | "groups">,
): Promise<Inclusion | undefined> {
  const own = new Set(signings.map(({ hex }) => hex));
  const index = block.extrinsics.findIndex((hex) => own.has(hex));
  if (index < 0) return undefined;
  const { registry, records } = await session.eventsAt(block);
  const outcomes = readOutcomes(eventsOf(records, index), groups, (error) => decodeRefusal(registry, error));
  return { blockHash: block.hash, blockNumber: block.number, outcomes };
}

/** Events of a block that belong to the extrinsic at that position. */
function eventsOf(records: Iterable<EventRecord>, index: number): ChainEvent[] {
  const own: ChainEvent[] = [];
  for (const { phase, event } of records) {
    const [kind, position] = asVariant(phase.toJSON(), "event phase");
    if (kind !== "applyExtrinsic" || position !== index) continue;
    const { section, method, data } = event;
    own.push({ section, method, data: Array.from(data, (field) => field.toJSON()) });
  }
  return own;
}

/**
 * Maps the events of an extrinsic to its groups. An extrinsic that failed as a whole refuses them all alike.
 *
 * @param refusalOf reads a dispatch error
 */
export function readOutcomes(
  events: readonly ChainEvent[],
  groups: readonly (readonly ContractCall[])[],
  refusalOf: (error: unknown) => Refusal,
): Outcome[] {
  const failure = events.find(({ section, method }) => section === "system" && method === "ExtrinsicFailed");
  if (failure) return groups.map(() => ({ kind: "refused", refusal: refusalOf(failure.data[0]) }));
  const sizes = groups.map((calls) => calls.length);
  return splitEvents(events, sizes).map((split, index) => outcomeOf(split, groups[index] ?? [], refusalOf));
}

function outcomeOf(
  split: GroupEvents,
  calls: readonly ContractCall[],
  refusalOf: (error: unknown) => Refusal,
): Outcome {
  if (split.kind === "refused") return { kind: "refused", refusal: refusalOf(split.error) };
  return { kind: "done", contractIds: calls.map((call, index) => contractIdOf(call, split.calls[index] ?? [])) };
}

function contractIdOf(call: ContractCall, events: readonly ChainEvent[]): number {
  if ("contractId" in call) return call.contractId;
  if (call.kind === "setNote" || call.kind === "deleteNote") return 0;
  const created = events.find(
    ({ section, method }) => section === "smartContractModule" && method === "ContractCreated",
  );
  if (created === undefined) throw new Error(`the block's events name no contract for ${call.kind}`);
  return decodeContract(created.data[0]).contractId;
}
