/**
 * What a deployer asks of the chain, as data: calls are collected from everywhere in the process and travel together.
 *
 * @source tfchain spec 152 metadata, calls of SmartContractModule and TFKVStore
 */
export type ContractCall =
  | {
      readonly kind: "createNodeContract";
      readonly nodeId: number;
      /** 32 hex characters, sent as 32 ASCII bytes. */
      readonly deploymentHash: string;
      /** At most 512 bytes of UTF-8. */
      readonly deploymentData: string;
      readonly publicIps: number;
      readonly solutionProviderId?: number;
    }
  | {
      readonly kind: "updateNodeContract";
      readonly contractId: number;
      readonly deploymentHash: string;
      readonly deploymentData: string;
    }
  | { readonly kind: "createNameContract"; readonly name: string }
  | { readonly kind: "createRentContract"; readonly nodeId: number; readonly solutionProviderId?: number }
  | { readonly kind: "cancelContract"; readonly contractId: number }
  | {
      /** Writes a public note of the account, over an earlier one of that key. */
      readonly kind: "setNote";
      /** At most 512 bytes. */
      readonly key: string;
      /** 1 to 2048 bytes. */
      readonly value: string;
    }
  | { readonly kind: "deleteNote"; readonly key: string };

/** What a call that went through did. `contractId` is new for creations, the given one otherwise. */
export interface CallResult {
  /** The contract made or touched; 0 for notes, which belong to none. */
  readonly contractId: number;
  /** Hash of the block that holds it. */
  readonly blockHash: string;
  /** Resolves when that block is final; rejects with a retryable GridError when the chain drops it. */
  readonly finalized: Promise<void>;
}
