import { RpcError } from "../json-rpc-socket";

/** What to do with an extrinsic that a node did not simply take. */
export type SubmitVerdict =
  /** Certainly not in the pool: read the nonce again and sign anew. */
  | "resign"
  /** Certainly not in the pool: refused lately, and for half an hour to come; other bytes of the same calls are looked at. */
  | "banned"
  /** Certainly not in the pool: too heavy, or one of its calls cannot be taken; send it in parts. */
  | "split"
  /** Certainly not in the pool: the account cannot pay the fee. */
  | "payment"
  /** It may be in the pool: ask the chain before doing anything else. */
  | "unclear"
  /** The node cannot do what was asked. */
  | "unusable";

/** Node error numbers. @source Substrate client, sc-rpc-api author error codes */
const byCode: Readonly<Record<number, SubmitVerdict>> = {
  1002: "split",
  1011: "split",
  1012: "banned",
  1013: "unclear",
  1014: "resign",
  1015: "resign",
  1016: "resign",
};

/**
 * One number, 1010, stands for every invalid transaction; only the node's fixed phrases tell them apart.
 *
 * @source Substrate sp-runtime, InvalidTransaction
 */
const invalidTransaction: readonly (readonly [RegExp, SubmitVerdict])[] = [
  [/inability to pay|payment/i, "payment"],
  [/outdated|stale|bad signature|badproof|ancient|future/i, "resign"],
];

/** Decides what follows from the error that a submission ended with. */
export function judgeSubmitError(error: unknown): SubmitVerdict {
  if (!(error instanceof RpcError)) return "unclear";
  if (error.code !== 1010) return byCode[error.code] ?? "unusable";
  const text = `${error.message} ${error.data}`;
  return invalidTransaction.find(([phrase]) => phrase.test(text))?.[1] ?? "split";
}
