import type { Clock } from "../../../core/clock";
import type { Log } from "../../../core/log";
import type { ContractCall } from "../../../model/call";
import type { KeyPair } from "../../../model/key-pair";
import type { ChainConnection } from "../chain-connection";
import type { ChainTiming } from "../timing";
import type { StatusStream } from "./extrinsic-status";
import type { HeldNonces } from "./held-nonces";
import type { SignedExtrinsic } from "./sign-extrinsic";

/** What everything in the queue works with. */
export interface QueueContext {
  readonly connection: ChainConnection;
  readonly account: KeyPair;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: ChainTiming;
  readonly nonces: HeldNonces;
}

/** Calls on their way into a block under one nonce. */
export interface Flight {
  readonly nonce: number;
  /** The calls of each submit, in the order encoded. */
  readonly groups: readonly (readonly ContractCall[])[];
  /**
   * The extrinsic, and those that were signed to take its place, newest last. All have the same nonce and the same calls:
   * whichever a block takes, it takes one, and the others are dead by then.
   */
  readonly signings: SignedExtrinsic[];
  /** News of the newest; undefined when the connection was lost while it was sent. */
  readonly stream: StatusStream | undefined;
}

/** First block that can hold none of the signings any more. */
export function deathBlockOf({ signings }: Pick<Flight, "signings">): number {
  return Math.max(...signings.map(({ deathBlock }) => deathBlock));
}
