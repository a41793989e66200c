import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import type { ChainClient, DirectoryClient, ImageHub, NodeClient } from "../grid/clients";
import type { Endings } from "./endings";
import type { OwnContracts } from "./own-contracts";

/** What every engine operation works with: the grid, the account, time, and what this walk already knows. */
export interface EngineContext {
  /** The chain: contracts. */
  readonly chain: ChainClient;
  /** The message bus, connected when first asked: destroying needs no node. */
  nodes(): Promise<NodeClient>;
  /** The directory. */
  readonly directory: DirectoryClient;
  /** Addresses of a host name; none when it points nowhere. @throws {GridError} TFG_DNS_UNREACHABLE */
  resolveHost(host: string): Promise<readonly string[]>;
  /** Twin of the account. */
  readonly twinId: number;
  /** The account's contracts, loaded once per walk. */
  readonly ownContracts: OwnContracts;
  /** What ended in this walk and is not final yet. */
  readonly endings: Endings;
  /** Where images lie. */
  readonly images: ImageHub;
  /** Time source. */
  readonly clock: Clock;
  /** Where progress is reported. */
  readonly log: Log;
  /** Draws `bytes` random bytes as hex: stamps only, keys are derived. */
  randomHex(bytes: number): string;
  /** Aborts when the user interrupts: give up waits at once. */
  readonly signal: AbortSignal;
  /** Tells, when calls were announced for this work, that they were submitted. */
  readonly arrived?: () => void;
  /** Adds a warning for the user. */
  warn(summary: string, detail: string): void;
}
