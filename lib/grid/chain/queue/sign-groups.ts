import type { ContractCall } from "../../../model/call";
import type { ChainSession } from "../chain-session";
import { asNumber, asStruct } from "../read/codec-json";
import { encodeGroups } from "./encode-calls";
import type { QueueContext } from "./flight";
import { type SignedExtrinsic, signExtrinsic } from "./sign-extrinsic";

/** How groups of calls are signed. */
export interface SigningOrder {
  readonly groups: readonly (readonly ContractCall[])[];
  /** Chooses the nonce. @param pooled the first one that the endpoint has seen nobody use, its pool included */
  readonly nonce: (pooled: number) => number;
  /** Chain units. */
  readonly tip: bigint;
}

/** Signs groups of calls as one extrinsic, on the newest block that can be relied on. */
export async function signGroups(
  { account, timing }: QueueContext,
  session: ChainSession,
  { groups, nonce, tip }: SigningOrder,
): Promise<SignedExtrinsic> {
  const [pooled, final, best] = await Promise.all([
    session.rpc("system_accountNextIndex", account.address),
    headOf(session, session.rpc("chain_getFinalizedHead")),
    headOf(session, session.rpc("chain_getBlockHash")),
    // Refuses an endpoint that is behind: its nonce would be old, and its final block too.
    session.read([]),
  ]);
  return signExtrinsic(session, account, encodeGroups(session.codecs, groups), {
    nonce: nonce(asNumber(pooled, "nonce")),
    // While finality stands still, an era that began at the last final block is over before it is used.
    birth: best.number - final.number > timing.eraBlocks / 2 ? best : final,
    eraBlocks: timing.eraBlocks,
    seenBlock: best.number,
    tip,
  });
}

async function headOf(session: ChainSession, asked: Promise<unknown>): Promise<{ number: number; hash: string }> {
  const hash = String(await asked);
  const header = asStruct(await session.rpc("chain_getHeader", hash), "block header");
  return { number: asNumber(header.number, "block number"), hash };
}
