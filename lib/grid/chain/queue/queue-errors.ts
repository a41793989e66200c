import { GridError, quote } from "../../../core/errors";
import { formatTft } from "../../../core/units";
import type { ContractCall } from "../../../model/call";
import type { Balance } from "../../clients";
import { describe } from "./refusal";

const NOT_SENT = "The calls were not sent: nothing was changed and nothing was paid.";

/** The account cannot pay the fee of an extrinsic. */
export function balanceTooLow(address: string, balance: Balance, fee: bigint | undefined): GridError {
  const missing = fee === undefined || fee <= balance.usable ? undefined : fee - balance.usable;
  return new GridError({
    code: "TFG_BALANCE",
    summary: "The account cannot pay the fee of the transaction.",
    facts: {
      account: address,
      usable: formatTft(balance.usable),
      "held for contracts": formatTft(balance.reserved),
      fee: fee === undefined ? undefined : formatTft(fee),
      missing: missing === undefined ? undefined : formatTft(missing),
    },
    standing: NOT_SENT,
    remedy: "top up the account, then run again.",
  });
}

/**
 * The account cannot pay the fee of an extrinsic that was taken and has been thrown out since.
 *
 * @param error as of one that was not taken
 */
export function feeGone(error: GridError, deathBlock: number): GridError {
  return error.with({
    summary: "The account could no longer pay the fee of the transaction when its turn came.",
    facts: { ...error.facts, "valid until block": deathBlock },
    standing:
      "The chain threw it out: nothing was changed and nothing was paid. Only if the balance is restored before that block could it still take effect; contracts it made would be found by their stamp.",
  });
}

/** The node refuses to take a call, for a reason that sending it again cannot change. */
export function callNotTaken(calls: readonly ContractCall[], reason: string): GridError {
  return new GridError({
    code: "TFG_CHAIN_REFUSED",
    summary: `The chain endpoint did not take ${calls.map(describe).join(" together with ")}.`,
    facts: { "endpoint said": quote(reason) },
    standing: NOT_SENT,
    remedy: "look the reason up, or report it with the ids above.",
  });
}

/** No block took the extrinsic while it was valid. */
export function notIncluded(deathBlock: number): GridError {
  return new GridError({
    code: "TFG_CHAIN_TIMEOUT",
    summary: "No block took the transaction in time.",
    facts: { "valid until block": deathBlock },
    standing: "It can no longer be included: nothing was changed and nothing was paid.",
    remedy: "run again; if it repeats, the chain is congested or the endpoint does not pass transactions on.",
    retryable: true,
  });
}

/** A block refused the calls, and it did not become final in time. */
export function refusedForNow(error: GridError, cause: unknown): GridError {
  return error.with({
    standing:
      "The calls had no effect; a dropped block could still undo that, and what another one made would be billed.",
    cause,
  });
}

/** Nobody could say what became of the extrinsic. */
export function outcomeUnclear(deathBlock: number, cause: unknown): GridError {
  return new GridError({
    code: "TFG_CHAIN_UNCLEAR",
    summary: "The transaction was sent, and the chain could not be asked what became of it.",
    facts: { "valid until block": deathBlock },
    standing: "Its calls may have taken effect or still do so before that block; contracts they made would be billed.",
    remedy: "run again once the chain answers: what was made is found by its stamp.",
    retryable: true,
    cause,
  });
}

/** Another program keeps using up the nonces of this account. */
export function nonceContended(reason: string): GridError {
  return new GridError({
    code: "TFG_CHAIN_BUSY",
    summary:
      "Another program is sending transactions of the same account, and every attempt to get between them failed.",
    facts: { "endpoint said": quote(reason) },
    standing: NOT_SENT,
    remedy: "let the other program finish (a second run, a dashboard), then run again.",
    retryable: true,
  });
}

/** A block that had been reported was dropped, and what replaced it is not the same. */
export function reorganised(before: readonly number[], now: readonly number[] | undefined): GridError {
  return new GridError({
    code: "TFG_CHAIN_REORG",
    summary: "The chain dropped the block that held the transaction.",
    facts: {
      "contracts then": before.join(", "),
      "contracts now": now === undefined ? "none: the transaction is not on the chain" : now.join(", "),
    },
    standing: "Only the contracts of now exist and are billed.",
    remedy: "run again: what was made is found by its stamp.",
    retryable: true,
  });
}

/** The block was not final in time. */
export function notFinal(blockHash: string, cause: unknown): GridError {
  return new GridError({
    code: "TFG_CHAIN_NOT_FINAL",
    summary: "The block that holds the transaction did not become final in time.",
    facts: { block: blockHash },
    standing: "The calls took effect in that block, and have none if it was or is dropped.",
    remedy: "run again later: what was made is found by its stamp.",
    retryable: true,
    cause,
  });
}
