import { createHash } from "node:crypto";
import type { JsonRpcSocket } from "./json-rpc-socket";
import { LastUsed } from "./last-used";
import type { ChainLibrary } from "./polkadot-library";
import { asBytes } from "./read/codec-json";
import { makeCodecs, type RuntimeCodecs } from "./runtime-codecs";

/** An endpoint that is asked which runtime its chain has. */
export interface RuntimeSource {
  readonly url: string;
  /** All questions go over it, whoever asked the same before. */
  readonly socket: JsonRpcSocket;
  readonly library: ChainLibrary;
}

/** The chain an endpoint serves, and what its newest block runs. */
export interface NewestRuntime {
  readonly genesisHash: string;
  readonly codecs: RuntimeCodecs;
}

/** Runtimes kept, of 5 MB each. A process meets two at most, around an upgrade; tests meet some more. */
const KEPT = 8;

/** Codecs by the version and metadata they were made from, whichever endpoint or chain these came from. */
const made = new LastUsed<RuntimeCodecs>(KEPT);

/**
 * Codecs by endpoint, chain and version: what spares the download of metadata. An endpoint is trusted about itself
 * only, as it always was: one that lies about its version or its chain gets what it gave for that name before, and
 * nothing it gives is ever used to read another endpoint's answers.
 */
const named = new LastUsed<RuntimeCodecs>(KEPT);

/** Reads the runtime of an endpoint's newest block. Codecs made before in this process are used again. */
export async function readNewestRuntime(source: RuntimeSource): Promise<NewestRuntime> {
  const { socket } = source;
  const [genesis, version, newest] = await Promise.all([
    socket.send("chain_getBlockHash", [0]),
    socket.send("state_getRuntimeVersion", []),
    socket.send("chain_getBlockHash", []),
  ]);
  const genesisHash = asHash(genesis, "genesis hash");
  const known = named.get(nameOf(source, genesisHash, version));
  if (known) return { genesisHash, codecs: known };
  return { genesisHash, codecs: await download(source, genesisHash, asHash(newest, "newest block")) };
}

/** Reads the runtime that a block leaves behind, which is the one that runs its children. */
export async function readRuntimeAt(
  source: RuntimeSource,
  genesisHash: string,
  blockHash: string,
): Promise<RuntimeCodecs> {
  const version = await source.socket.send("state_getRuntimeVersion", [blockHash]);
  return named.get(nameOf(source, genesisHash, version)) ?? download(source, genesisHash, blockHash);
}

/** Version and metadata are read from one block: those of the newest could be of two runtimes during an upgrade. */
async function download(source: RuntimeSource, genesisHash: string, blockHash: string): Promise<RuntimeCodecs> {
  const [version, answer] = await Promise.all([
    source.socket.send("state_getRuntimeVersion", [blockHash]),
    source.socket.send("state_getMetadata", [blockHash]),
  ]);
  const codecs = codecsOf(source.library, version, asBytes(answer, "metadata"));
  named.set(nameOf(source, genesisHash, version), codecs);
  return codecs;
}

/** Never waits, so that connections opened at the same time make them once. */
function codecsOf(library: ChainLibrary, version: unknown, metadata: Uint8Array): RuntimeCodecs {
  const key = digest(JSON.stringify([version, digest(metadata)]));
  const codecs = made.get(key) ?? makeCodecs(library, version, metadata);
  made.set(key, codecs);
  return codecs;
}

/** The whole answer counts: a runtime that differs in its functions only has other metadata too. */
function nameOf({ url }: RuntimeSource, genesisHash: string, version: unknown): string {
  // A digest, because an address may hold credentials.
  return digest(JSON.stringify([url, genesisHash, version]));
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function asHash(value: unknown, what: string): string {
  asBytes(value, what);
  return String(value);
}
