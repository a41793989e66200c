import type { ChainSession } from "../chain-session";
import { RpcError } from "../json-rpc-socket";
import { asBigint, asStruct } from "../read/codec-json";
import type { RuntimeCodecs } from "../runtime-codecs";

/** What the runtime says an extrinsic costs. */
export interface DispatchInfo {
  /** Picoseconds of a block's time. */
  readonly weight: bigint;
  /** Chain units. */
  readonly fee: bigint;
}

/** Asks the runtime for the weight and fee of an extrinsic; undefined when the endpoint does not offer it. */
export async function dispatchInfo(session: ChainSession, extrinsicHex: string): Promise<DispatchInfo | undefined> {
  try {
    const length = Buffer.alloc(4);
    length.writeUInt32LE((extrinsicHex.length - 2) / 2);
    const input = extrinsicHex + length.toString("hex");
    const answer = await session.rpc("state_call", "TransactionPaymentApi_query_info", input);
    const info = asStruct(session.codecs.registry.createType("RuntimeDispatchInfo", answer).toJSON(), "dispatch info");
    const weight = typeof info.weight === "object" ? asStruct(info.weight, "weight").refTime : info.weight;
    return { weight: asBigint(weight, "weight"), fee: asBigint(info.partialFee, "fee") };
  } catch (error) {
    if (error instanceof RpcError) return undefined;
    throw error;
  }
}

/** Half of what one block gives to ordinary extrinsics: the queue leaves the rest to others. */
export function heaviestBatch({ consts }: RuntimeCodecs): bigint {
  const weights = asStruct(consts.system?.blockWeights?.toJSON(), "block weights");
  const normal = asStruct(asStruct(weights.perClass, "block weights").normal, "block weights");
  const total = asStruct(normal.maxTotal, "block weights").refTime;
  return asBigint(total, "block weight") / 2n;
}
