import type { RuntimeVersion } from "@polkadot/types/interfaces";
import type { DecoratedMeta } from "@polkadot/types/metadata/decorate/types";
import type { ChainLibrary } from "./polkadot-library";

/**
 * What encodes and decodes for one runtime. Made from its version and metadata alone and good for every chain that
 * runs it: it knows no endpoint, holds no connection and asks nothing.
 */
export interface RuntimeCodecs extends Pick<DecoratedMeta, "consts" | "query" | "registry" | "tx"> {
  readonly version: RuntimeVersion;
}

/**
 * Decodes a runtime's metadata, which takes some 100 ms of processor time.
 *
 * @param version as a node answers it
 * @throws when it is no metadata
 */
export function makeCodecs(library: ChainLibrary, version: unknown, metadata: Uint8Array): RuntimeCodecs {
  const registry = new library.TypeRegistry();
  // Accounts are bytes here. The library's own class makes and checks a text for each that it reads.
  registry.register({ AccountId: "[u8; 32]", AccountId32: "[u8; 32]" });
  const decoded = new library.Metadata(registry, metadata);
  registry.setMetadata(decoded);
  const { consts, query, tx } = library.expandMetadata(registry, decoded);
  return { consts, query, registry, tx, version: registry.createType("RuntimeVersion", version) };
}
