import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import { JsonRpcSocket, type NotificationListener } from "./json-rpc-socket";
import { loadPolkadot } from "./polkadot-library";
import { asBytes, asList, asStruct } from "./read/codec-json";
import { type NewestRuntime, type RuntimeSource, readNewestRuntime, readRuntimeAt } from "./read-runtime";
import type { RuntimeCodecs } from "./runtime-codecs";

/** One storage entry: pallet and item in camel case, then the keys of the map. */
export type StorageQuery = readonly [pallet: string, item: string, ...keys: unknown[]];

/** The part of an event record that is read. */
export interface EventRecord {
  /** In JSON, `{ applyExtrinsic: position }` for events of an extrinsic. */
  readonly phase: { toJSON(): unknown };
  readonly event: {
    readonly section: string;
    readonly method: string;
    readonly data: Iterable<{ toJSON(): unknown }>;
  };
}

/** The endpoint's newest block is too old: it answers happily with stale state. */
export class EndpointBehind extends Error {}

/** Oldest `Timestamp.Now` believed, as the official Go client has it. @source tfchain clients, substrate connection manager */
const MAX_AGE_MS = 12_000;

/** Keys asked in one request. */
const KEYS_PER_REQUEST = 300;

/** What a session needs to open. */
export interface SessionOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Limits in milliseconds: of the handshake and metadata, and of each request. */
  readonly ms: { readonly connect: number; readonly request: number };
}

/**
 * One connection to one endpoint whose metadata has been read. Ends for good when the connection is lost, or when a
 * runtime upgrade makes the metadata a thing of the past.
 */
export class ChainSession {
  /** The endpoint, without credentials. */
  readonly url: string;
  /** Which chain it serves. */
  readonly genesisHash: string;
  /** Codecs of the runtime this endpoint runs. */
  readonly codecs: RuntimeCodecs;
  readonly #source: RuntimeSource;
  readonly #socket: JsonRpcSocket;
  readonly #clock: Clock;

  private constructor(source: RuntimeSource, { genesisHash, codecs }: NewestRuntime, clock: Clock) {
    this.url = withoutCredentials(source.url);
    this.genesisHash = genesisHash;
    this.codecs = codecs;
    this.#source = source;
    this.#socket = source.socket;
    this.#clock = clock;
  }

  /**
   * Connects, reads from the node what its runtime is and refuses an endpoint that is behind.
   *
   * @throws {EndpointBehind} or whatever kept the connection from opening
   */
  static async open(options: SessionOptions): Promise<ChainSession> {
    const { url, clock, log, ms } = options;
    const library = await loadPolkadot(log);
    const socket = await JsonRpcSocket.open(url, ms);
    const guard = setTimeout(() => socket.close(`not opened within ${ms.connect} ms`), ms.connect);
    try {
      const source = { url, socket, library };
      const session = new ChainSession(source, await readNewestRuntime(source), clock);
      const watching = session.#endWithRuntime();
      watching.catch(() => undefined);
      // Refusing an endpoint that is behind ends the subscription too: the reason counts, not what it takes with it.
      await session.read([]);
      await watching;
      return session;
    } catch (error) {
      socket.close();
      throw error;
    } finally {
      clearTimeout(guard);
    }
  }

  /** False once the connection is lost: what is asked of this session fails from then on. */
  get isOpen(): boolean {
    return this.#socket.isConnected;
  }

  /** Asks one JSON-RPC method and gives the raw answer. */
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.#socket.send(method, params);
  }

  /** Sends an extrinsic and listens to what becomes of it. Gives the id of the subscription. */
  watchExtrinsic(hex: string, listener: NotificationListener): Promise<string | number> {
    return this.#socket.subscribe("author_extrinsicUpdate", "author_submitAndWatchExtrinsic", [hex], listener);
  }

  /** Stops listening. */
  async unwatchExtrinsic(id: string | number): Promise<void> {
    await this.#socket.unsubscribe("author_extrinsicUpdate", "author_unwatchExtrinsic", id);
  }

  /**
   * Reads storage entries in one round trip and gives their JSON: bytes as hex, an absent optional entry as null.
   * Chain time is read with them from the same block, so that no answer of a lagging endpoint is ever believed.
   *
   * @param at hash of a block; the newest when left out
   * @throws {EndpointBehind} when the newest block is more than 12 s old; the session is closed then
   */
  async read(queries: readonly StorageQuery[], at?: string): Promise<unknown[]> {
    const asked: StorageQuery[] = at === undefined ? [["timestamp", "now"], ...queries] : [...queries];
    const values: unknown[] = [];
    for (let from = 0; from < asked.length; from += KEYS_PER_REQUEST) {
      values.push(...(await this.#readSome(asked.slice(from, from + KEYS_PER_REQUEST), at)));
    }
    if (at !== undefined) return values;
    await this.#checkAge(Number(values[0]));
    return values.slice(1);
  }

  /** Reads the events of a block with the codecs of the runtime that ran it, which may be an older one. */
  async eventsAt(block: { readonly hash: string; readonly parentHash: string }): Promise<{
    registry: RuntimeCodecs["registry"];
    records: Iterable<EventRecord>;
  }> {
    const key = this.#entryOf(["system", "events"]).key;
    const [answer, { registry }] = await Promise.all([
      this.rpc("state_getStorage", key, block.hash),
      readRuntimeAt(this.#source, this.genesisHash, block.parentHash),
    ]);
    const records = registry.createType("Vec<FrameSystemEventRecord>", asBytes(answer, "events"));
    return { registry, records: records as unknown as Iterable<EventRecord> };
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    this.#socket.close();
  }

  async #readSome(queries: readonly StorageQuery[], at: string | undefined): Promise<unknown[]> {
    const entries = queries.map((query) => this.#entryOf(query));
    const keys = entries.map(({ key }) => key);
    const answer = await this.rpc("state_queryStorageAt", ...(at === undefined ? [keys] : [keys, at]));
    const [set] = asList(answer, "storage");
    const changes = new Map(asList(asStruct(set, "storage").changes, "storage").map((change) => asPair(change)));
    return entries.map(({ key, decode }) => {
      const value = changes.get(key);
      // The library would fill such a hole with what it once read.
      if (value === undefined) throw new Error(`the answer leaves out storage key ${key}`);
      return decode(value);
    });
  }

  #entryOf([pallet, item, ...args]: StorageQuery) {
    const { registry, query } = this.codecs;
    const entry = query[pallet]?.[item];
    if (entry === undefined) throw new Error(`this chain has no storage ${pallet}.${item}`);
    const { type, modifier, fallback } = entry.meta;
    const valueType = registry.createLookupType(type.isPlain ? type.asPlain : type.asMap.value);
    const decode = (value: unknown) => {
      if (value === null && modifier.isOptional) return null;
      return registry.createType(valueType, asBytes(value ?? fallback.toHex(), "storage value")).toJSON();
    };
    // The entry gives its key as encoded bytes, behind their length.
    return { key: registry.createType("Bytes", entry(...args)).toHex(), decode };
  }

  async #endWithRuntime(): Promise<void> {
    const spec = this.codecs.version.specVersion.toNumber();
    const end = (error: Error | null, version?: unknown) => {
      if (error === null && asStruct(version, "runtime version").specVersion === spec) return;
      void this.close();
    };
    await this.#socket.subscribe("state_runtimeVersion", "state_subscribeRuntimeVersion", [], end);
  }

  async #checkAge(chainTime: number): Promise<void> {
    const age = this.#clock.now() - chainTime;
    if (age <= MAX_AGE_MS) return;
    await this.close();
    throw new EndpointBehind(`its newest block is ${Math.round(age / 1000)} s old`);
  }
}

function asPair(change: unknown): readonly [key: unknown, value: unknown] {
  const [key, value = null] = asList(change, "storage");
  return [key, value];
}

/** The address of an endpoint as it may be shown. */
export function withoutCredentials(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch (error) {
    return `(not a URL: ${messageOf(error)})`;
  }
}
