import type { ChainSession } from "../chain-session";
import { asNumber, asStruct } from "../read/codec-json";

/** How far the chain is, and how many extrinsics of an account it holds: in its newest and in its last final block. */
export interface ChainView {
  readonly bestNumber: number;
  readonly bestNonce: number;
  readonly finalNumber: number;
  readonly finalNonce: number;
}

/** Reads the view of one endpoint. @param account its 32-byte id */
export async function readChainView(session: ChainSession, account: Uint8Array): Promise<ChainView> {
  const [best, final] = await Promise.all([
    viewAt(session, account, session.rpc("chain_getBlockHash")),
    viewAt(session, account, session.rpc("chain_getFinalizedHead")),
  ]);
  return { bestNumber: best.number, bestNonce: best.nonce, finalNumber: final.number, finalNonce: final.nonce };
}

async function viewAt(session: ChainSession, account: Uint8Array, asked: Promise<unknown>) {
  const hash = String(await asked);
  const [header, [record]] = await Promise.all([
    session.rpc("chain_getHeader", hash),
    session.read([["system", "account", account]], hash),
  ]);
  return {
    number: asNumber(asStruct(header, "block header").number, "block number"),
    nonce: asNumber(asStruct(record, "account").nonce, "nonce"),
  };
}
