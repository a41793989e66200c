import type { Clock } from "../../../core/clock";
import type { Log } from "../../../core/log";
import type { ContractCall } from "../../../model/call";
import type { KeyPair } from "../../../model/key-pair";
import type { ChainConnection } from "../chain-connection";
import type { ChainTiming } from "../timing";
import type { StatusStream } from "./extrinsic-status";
import type { NonceCounter } from "./nonce-counter";
import type { SignedExtrinsic } from "./sign-extrinsic";

/** What everything in the queue works with. */
export interface QueueContext {
  readonly connection: ChainConnection;
  readonly account: KeyPair;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: ChainTiming;
  readonly nonces: NonceCounter;
}

/** One signed extrinsic on its way into a block. */
export interface Flight {
  readonly extrinsic: SignedExtrinsic;
  /** The calls of each submit, in the order encoded. */
  readonly groups: readonly (readonly ContractCall[])[];
  /** News of it; undefined when the connection was lost while it was sent. */
  readonly stream: StatusStream | undefined;
}
