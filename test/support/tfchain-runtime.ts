import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiPromise } from "@polkadot/api";
import { expandMetadata, Metadata, TypeRegistry } from "@polkadot/types";
import type { RuntimeCodecs } from "../../lib/grid/chain/runtime-codecs";

/** The part of a connected library that encodes and decodes, for one captured runtime. */
export type Runtime = Pick<ApiPromise, "registry" | "tx" | "consts" | "query">;

/** A runtime's metadata as a node of that version answers it. */
export function metadataHexOf(spec: 144 | 152): string {
  return readFileSync(join(__dirname, `../vectors/tfchain-${spec}-metadata.hex`), "utf8").trim();
}

/** Loads a captured runtime. */
export function loadRuntime(spec: 144 | 152): Runtime {
  const metadataHex = metadataHexOf(spec);
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, metadataHex as `0x${string}`);
  registry.setMetadata(metadata, undefined, undefined, true);
  const expanded = expandMetadata(registry, metadata);
  return { ...expanded, registry } as unknown as Runtime;
}

/** Encodes plain data as a storage item's value and prints it the way an answer of the chain is printed. */
export function storageJson(
  runtime: Pick<RuntimeCodecs, "query" | "registry">,
  [pallet, item]: readonly [string, string],
  value: unknown,
): unknown {
  const entry = runtime.query[pallet]?.[item] as unknown as {
    meta: { type: { asPlain: unknown; asMap: { value: unknown }; isPlain: boolean } };
  };
  const { type } = entry.meta;
  const lookup = runtime.registry.createLookupType((type.isPlain ? type.asPlain : type.asMap.value) as never);
  return runtime.registry.createType(lookup, value).toJSON();
}

/** Text as the hex of its bytes. */
export function hex(text: string): string {
  return `0x${Buffer.from(text, "utf8").toString("hex")}`;
}
