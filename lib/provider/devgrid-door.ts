import type { Secret } from "../core/secret";
import type { GridEndpoints } from "../model/grid-network";

/**
 * Finds the embedded grid that runs on this machine, or starts it: the one place where the provider meets devgrid, and
 * all it learns is where the services are and whose account it may use.
 */
export async function findOrStartDevgrid(): Promise<{
  readonly endpoints: GridEndpoints;
  readonly mnemonic: Secret;
}> {
  const { findOrStart } = await import("../devgrid/launch");
  return findOrStart();
}
