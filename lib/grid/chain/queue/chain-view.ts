import type { ChainSession } from "../chain-session";
import { asNumber, asStruct } from "../read/codec-json";

/** How far the chain is, and how many extrinsics of an account it holds: in its newest and in its last final block. */
export interface ChainView {
  readonly bestNumber: number;
  readonly bestNonce: number;
  readonly finalNumber: number;
  readonly finalNonce: number;
}

/** Reads the view of one endpoint. */
export async function readChainView(session: ChainSession, address: string): Promise<ChainView> {
  const [best, final] = await Promise.all([
    viewAt(session, address, session.rpc("chain_getBlockHash")),
    viewAt(session, address, session.rpc("chain_getFinalizedHead")),
  ]);
  return { bestNumber: best.number, bestNonce: best.nonce, finalNumber: final.number, finalNonce: final.nonce };
}

async function viewAt(session: ChainSession, address: string, asked: Promise<unknown>) {
  const hash = String(await asked);
  const [header, [account]] = await Promise.all([
    session.rpc("chain_getHeader", hash),
    session.read([["system", "account", address]], hash),
  ]);
  return {
    number: asNumber(asStruct(header, "block header").number, "block number"),
    nonce: asNumber(asStruct(account, "account").nonce, "nonce"),
  };
}
