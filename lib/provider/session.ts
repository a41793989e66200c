import type { GridClients } from "../grid/clients";

/** A configured provider: one per walk of Terraform. */
export interface Session {
  /** The grid, connected on first use. Throws when the provider block is not wholly known yet. */
  grid(): Promise<GridClients>;
  /** Closes what was opened. */
  close(): Promise<void>;
}
