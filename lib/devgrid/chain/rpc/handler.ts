import type { Block } from "../block/blocks";
import type { Pace } from "../block/pace";
import { RpcRefusal } from "../block/refusal";
import type { ChainView } from "./chain-view";
import type { Connection } from "./connection";

/** What a method works with. */
export interface RpcContext {
  readonly chain: ChainView;
  /** Metadata as it is served, hex. */
  readonly metadata: string;
  /** The client that asks. */
  readonly connection: Connection;
  /** Says that there is something to put in a block, and what clients have read. */
  readonly pace: Pick<Pace, "poke" | "eventsRead">;
}

/** A JSON-RPC method: answers at once, since everything is in memory. @throws {RpcRefusal} */
export type RpcHandler = (context: RpcContext, params: readonly unknown[]) => unknown;

/** Methods by their wire names. */
export type RpcMethods = { readonly [method: string]: RpcHandler };

/** A parameter that must be `0x` and an even number of hex digits. */
export function bytesParam(params: readonly unknown[], index: number): Buffer {
  const value = params[index];
  if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value))
    throw badParams(`parameter ${index} is no hex`);
  return Buffer.from(value.slice(2), "hex");
}

/** The block an optional hash parameter names; the head when it is left out. */
export function blockParam({ chain }: RpcContext, params: readonly unknown[], index: number): Block {
  const block = optionalBlockParam(chain, params, index);
  if (block) return block;
  throw new RpcRefusal(
    4003,
    `Client error: UnknownBlock: Header was not found in the database: ${String(params[index])}`,
  );
}

/** As `blockParam`, but undefined when no block has that hash. */
export function optionalBlockParam(chain: ChainView, params: readonly unknown[], index: number): Block | undefined {
  const value = params[index];
  if (value === undefined || value === null) return chain.head;
  return chain.find(bytesParam(params, index).toString("hex"));
}

/** -32602: what was sent does not fit the method. */
export function badParams(reason: string): RpcRefusal {
  return new RpcRefusal(-32602, "Invalid params", reason);
}
