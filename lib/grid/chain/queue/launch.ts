import { messageOf } from "../../../core/errors";
import type { ContractCall } from "../../../model/call";
import type { ChainSession } from "../chain-session";
import { asNumber, asStruct } from "../read/codec-json";
import { getBalance } from "../read/get-balance";
import { dispatchInfo, heaviestBatch } from "./dispatch-info";
import { encodeGroups } from "./encode-calls";
import { StatusStream } from "./extrinsic-status";
import type { Flight, QueueContext } from "./flight";
import { judgeSubmitError } from "./judge-submit-error";
import { splitByWeight } from "./plan-batch";
import { balanceTooLow, callNotTaken, nonceContended } from "./queue-errors";
import { type SignedExtrinsic, signExtrinsic } from "./sign-extrinsic";

/** What came of sending groups of calls as one extrinsic. */
export type Launch =
  | { readonly kind: "flying"; readonly flight: Flight }
  /** Nothing was sent: send these many groups, one lot after the other. */
  | { readonly kind: "split"; readonly parts: readonly number[] };

/** Times an extrinsic is signed anew before the account counts as contended. */
const MAX_SIGNATURES = 6;

/** Calls below which an extrinsic is certainly light enough: its weight is not asked. */
const LIGHT_CALLS = 50;

/**
 * Signs and sends groups of calls as one extrinsic.
 *
 * @throws {GridError} when nothing was sent: TFG_BALANCE, TFG_CHAIN_BUSY, TFG_CHAIN_REFUSED or a connection's error
 */
export async function launch(context: QueueContext, groups: readonly (readonly ContractCall[])[]): Promise<Launch> {
  let refusal = "";
  for (let attempt = 1; attempt <= MAX_SIGNATURES; attempt++) {
    const signed = await context.connection.ask((session) => sign(context, session, groups));
    const { session, extrinsic, parts } = signed;
    if (parts.length > 1) return { kind: "split", parts };
    try {
      const stream = await StatusStream.open(session, extrinsic.hex);
      context.nonces.used(extrinsic.nonce);
      return { kind: "flying", flight: { extrinsic, groups, stream } };
    } catch (error) {
      context.nonces.doubt();
      refusal = messageOf(error);
      context.log("debug", "extrinsic not taken", { nonce: extrinsic.nonce, reason: refusal });
      const launched = await afterRefusal(context, { extrinsic, groups, error });
      if (launched) return launched;
    }
    // Two programs that collided would collide again if both waited equally long.
    await context.clock.sleep(Math.random() * context.timing.batchMs * 2 ** attempt, context.connection.closed);
  }
  throw nonceContended(refusal);
}

/** Undefined: sign anew. */
async function afterRefusal(
  context: QueueContext,
  attempt: Omit<Flight, "stream"> & { readonly error: unknown },
): Promise<Launch | undefined> {
  const { account, connection } = context;
  const { extrinsic, groups, error } = attempt;
  switch (judgeSubmitError(error)) {
    case "resign":
      return undefined;
    case "unclear":
      return { kind: "flying", flight: { extrinsic, groups, stream: undefined } };
    case "payment": {
      const info = await connection.ask((session) => dispatchInfo(session, extrinsic.hex));
      throw balanceTooLow(account.address, await getBalance(connection, account.address), info?.fee);
    }
    case "split":
      if (groups.length > 1) return { kind: "split", parts: halves(groups.length) };
      throw callNotTaken(groups.flat(), messageOf(error));
    case "unusable":
      throw callNotTaken(groups.flat(), messageOf(error));
  }
}

async function sign(
  context: QueueContext,
  session: ChainSession,
  groups: readonly (readonly ContractCall[])[],
): Promise<{ session: ChainSession; extrinsic: SignedExtrinsic; parts: number[] }> {
  const { account, nonces, timing } = context;
  const [pooled, final, best] = await Promise.all([
    session.rpc("system_accountNextIndex", account.address),
    headOf(session, session.rpc("chain_getFinalizedHead")),
    headOf(session, session.rpc("chain_getBlockHash")),
    // Refuses an endpoint that is behind: its nonce would be old, and its final block too.
    session.read([]),
  ]);
  const extrinsic = signExtrinsic(session, account, encodeGroups(session.codecs, groups), {
    nonce: nonces.choose(asNumber(pooled, "nonce")),
    // While finality stands still, an era that began at the last final block is over before it is used.
    birth: best.number - final.number > timing.eraBlocks / 2 ? best : final,
    eraBlocks: timing.eraBlocks,
  });
  return { session, extrinsic, parts: await partsByWeight(session, extrinsic, groups) };
}

async function headOf(session: ChainSession, asked: Promise<unknown>): Promise<{ number: number; hash: string }> {
  const hash = String(await asked);
  const header = asStruct(await session.rpc("chain_getHeader", hash), "block header");
  return { number: asNumber(header.number, "block number"), hash };
}

async function partsByWeight(
  session: ChainSession,
  extrinsic: SignedExtrinsic,
  groups: readonly (readonly ContractCall[])[],
): Promise<number[]> {
  if (groups.flat().length < LIGHT_CALLS) return [groups.length];
  const info = await dispatchInfo(session, extrinsic.hex);
  return splitByWeight(groups.length, info?.weight ?? 0n, heaviestBatch(session.codecs));
}

function halves(groups: number): number[] {
  return [Math.ceil(groups / 2), Math.floor(groups / 2)];
}
