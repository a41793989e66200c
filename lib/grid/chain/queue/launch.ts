import { messageOf } from "../../../core/errors";
import type { ContractCall } from "../../../model/call";
import type { ChainSession } from "../chain-session";
import { getBalance } from "../read/get-balance";
import { dispatchInfo, heaviestBatch } from "./dispatch-info";
import { StatusStream } from "./extrinsic-status";
import type { Flight, QueueContext } from "./flight";
import { judgeSubmitError, type SubmitVerdict } from "./judge-submit-error";
import { splitByWeight } from "./plan-batch";
import { balanceTooLow, callNotTaken, nonceContended } from "./queue-errors";
import type { SignedExtrinsic } from "./sign-extrinsic";
import { signGroups } from "./sign-groups";
import { tipOf } from "./tip";

/** What came of sending groups of calls as one extrinsic. */
export type Launch =
  | { readonly kind: "flying"; readonly flight: Flight }
  /** Nothing was sent: send these many groups, one lot after the other. */
  | { readonly kind: "split"; readonly parts: readonly number[] };

/** Calls below which an extrinsic is certainly light enough: its weight is not asked. */
const LIGHT_CALLS = 50;

/** Pauses between attempts double this often. */
const MAX_DOUBLINGS = 6;

/**
 * Signs and sends groups of calls as one extrinsic.
 *
 * @param until the moment after which an endpoint that does not take it is believed
 * @throws {GridError} when nothing was sent: TFG_BALANCE, TFG_CHAIN_BUSY, TFG_CHAIN_REFUSED or a connection's error
 */
export async function launch(
  context: QueueContext,
  groups: readonly (readonly ContractCall[])[],
  until: number,
): Promise<Launch> {
  const { clock, connection, log, nonces, timing } = context;
  for (let attempt = 1, bans = 0; ; attempt++) {
    const tip = tipOf(bans);
    const { session, extrinsic, parts } = await connection.ask(async (session) => {
      const extrinsic = await signGroups(context, session, { groups, nonce: (pooled) => nonces.choose(pooled), tip });
      return { session, extrinsic, parts: await partsByWeight(session, extrinsic, groups) };
    });
    if (parts.length > 1) return { kind: "split", parts };
    const { nonce } = extrinsic;
    const flight = { nonce, groups, signings: [extrinsic] };
    try {
      const stream = await StatusStream.open(session, extrinsic.hex);
      nonces.hold(nonce);
      return { kind: "flying", flight: { ...flight, stream } };
    } catch (error) {
      log("debug", "extrinsic not taken", { nonce, reason: messageOf(error) });
      const verdict = judgeSubmitError(error);
      const launched = await afterRefusal(context, flight, { verdict, error });
      if (launched) return launched;
      // What is banned is a hash, and an ed25519 signature never differs: the tip makes other bytes of the same calls.
      if (verdict === "banned") bans++;
      if (clock.now() >= until) throw nonceContended(messageOf(error));
    }
    // Two programs that collided would collide again if both waited equally long.
    const longestMs = timing.batchMs * 2 ** Math.min(attempt, MAX_DOUBLINGS);
    await clock.sleep(Math.random() * longestMs, connection.closed);
  }
}

/** Undefined: sign anew. */
async function afterRefusal(
  context: QueueContext,
  flight: Omit<Flight, "stream">,
  { verdict, error }: { readonly verdict: SubmitVerdict; readonly error: unknown },
): Promise<Launch | undefined> {
  const { groups, nonce } = flight;
  switch (verdict) {
    case "resign":
    case "banned":
      return undefined;
    case "unclear":
      context.nonces.hold(nonce);
      return { kind: "flying", flight: { ...flight, stream: undefined } };
    case "payment":
      throw await feeMissing(context, flight);
    case "split":
      if (groups.length > 1) return { kind: "split", parts: halves(groups.length) };
      throw callNotTaken(groups.flat(), messageOf(error));
    case "unusable":
      throw callNotTaken(groups.flat(), messageOf(error));
  }
}

/** The error for an extrinsic whose fee the account cannot pay. */
export async function feeMissing(
  { account, connection }: QueueContext,
  { signings }: Pick<Flight, "signings">,
): Promise<ReturnType<typeof balanceTooLow>> {
  const hex = signings.at(-1)?.hex ?? "";
  const info = await connection.ask((session) => dispatchInfo(session, hex));
  return balanceTooLow(account.address, await getBalance(connection, account.publicKey), info?.fee);
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
