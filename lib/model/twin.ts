/** An identity on the chain: a number, an account, and how to reach it over the message bus. */
export interface Twin {
  /** Counts from 1. */
  readonly twinId: number;
  /** Public key of the account, 32 bytes. Signs extrinsics, deployments, envelopes and relay tokens. */
  readonly accountId: Uint8Array;
  /** Relay host names joined with `_`, as the chain has them; undefined when never set. */
  readonly relay: string | undefined;
  /** Compressed secp256k1 key for message encryption, 33 bytes; undefined when messages to this twin are plain. */
  readonly encryptionKey: Uint8Array | undefined;
}
