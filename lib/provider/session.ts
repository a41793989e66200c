import type { EngineContext } from "../engine/context";
import type { Contract } from "../model/contract";
import type { KeyDerivation } from "../model/key-derivation";
import type { Claims } from "./claims";
import type { CallContext } from "./resource";

/** The account a walk acts for: what plans may depend on beside configuration and state. */
export interface Account {
  /** Twin of the account on this network. */
  readonly twinId: number;
  /** `0x` and 64 hex digits: which chain this is. */
  readonly genesisHash: string;
  /** SS58 text. */
  readonly address: string;
  /** The user's word for the network: `main`, `devgrid`, or the chain's URL. */
  readonly network: string;
  /** Keys and passwords of a project, by its key scope. */
  keys(scope: string): KeyDerivation;
}

/** A configured provider: one per walk of Terraform. Nothing is connected before it is asked something. */
export interface Session {
  /** What objects of this walk lay claim to. */
  readonly claims: Claims;
  /** The account. @throws {GridError} TFG_NO_MNEMONIC, TFG_BAD_MNEMONIC, TFG_NO_TWIN, TFG_CHAIN_UNREACHABLE */
  account(signal: AbortSignal): Promise<Account>;
  /** What engine operations work with. Throws like `account`. */
  engine(call: CallContext): Promise<EngineContext>;
  /** A live contract; the questions of one moment travel together. */
  getContract(contractId: number, signal: AbortSignal): Promise<Contract | undefined>;
  /** Whether this walk has asked for that contract: the walk that shows a plan refreshes first, one that applies does not. */
  wasRead(contractId: number): boolean;
  /** Closes what was opened. */
  close(): Promise<void>;
}
