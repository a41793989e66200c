import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { blake2AsHex } from "@polkadot/util-crypto";

/** A signer of the library, as `Keyring` makes it. */
export type Pair = ReturnType<Keyring["addFromUri"]>;

/** A call as the library builds it. */
export type RawCall = ReturnType<ApiPromise["tx"][string][string]>;

/** What a block did with one extrinsic. */
export interface RawResult {
  readonly blockHash: string;
  /** `pallet.Event`, in order. */
  readonly events: readonly string[];
  /** Fields of each event. */
  readonly data: readonly (readonly unknown[])[];
  /** Name of the error when the extrinsic failed. */
  readonly error: string | undefined;
  /** What it cost, in chain units. */
  readonly fee: bigint;
}

interface EventRecord {
  readonly phase: { toJSON(): unknown };
  readonly event: { section: string; method: string; data: Iterable<{ toJSON(): unknown }> };
}

/** Keeps the library from starting subscriptions of its own, whose timers outlive the connection. */
class QuietProvider extends WsProvider {
  override get hasSubscriptions(): boolean {
    return false;
  }
}

/** How an extrinsic is sent. */
interface SendOptions {
  /** @default the account's next one */
  readonly nonce?: number;
  /** What is waited for. @default the first block that holds it */
  readonly until?: "inBlock" | "finalized";
}

/** The library used plainly, as any other client of the chain would: a second opinion beside the client under test. */
export class RawChain {
  private constructor(
    readonly api: ApiPromise,
    private readonly provider: WsProvider,
  ) {}

  /** Connects; a chain that does not answer within 20 s fails. */
  static async connect(url: string): Promise<RawChain> {
    const provider = new QuietProvider(url, false, {}, 20_000);
    const failed = new Promise<never>((_, reject) => {
      provider.on("error", () => reject(new Error(`no connection to ${url}`)));
    });
    try {
      await provider.connect();
      await Promise.race([provider.isReady, failed]);
      const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
      return new RawChain(api, provider);
    } catch (error) {
      await provider.disconnect();
      throw error;
    }
  }

  /** A call by pallet and name. */
  call(pallet: string, name: string, ...args: unknown[]): RawCall {
    const create = this.api.tx[pallet]?.[name];
    if (create === undefined) throw new Error(`no call ${pallet}.${name}`);
    return create(...args);
  }

  /** A storage entry as JSON. */
  async read(pallet: string, item: string, ...keys: unknown[]): Promise<unknown> {
    const query = this.api.query[pallet]?.[item];
    if (query === undefined) throw new Error(`no storage ${pallet}.${item}`);
    return (await query(...keys)).toJSON();
  }

  /** Free balance of an account in chain units. */
  async freeBalance(address: string): Promise<bigint> {
    const account = (await this.read("system", "account", address)) as { data: { free: number | string } };
    return BigInt(account.data.free);
  }

  /** How many extrinsics of an account the chain holds in blocks. */
  async nonce(address: string): Promise<number> {
    return ((await this.read("system", "account", address)) as { nonce: number }).nonce;
  }

  /** Signs, sends and waits for the block. Rejects when the node refuses it. */
  async send(pair: Pair, call: RawCall, { nonce, until = "inBlock" }: SendOptions = {}): Promise<RawResult> {
    const next = nonce ?? (await this.rpc<number>("system_accountNextIndex", pair.address));
    const signed = await call.signAsync(pair, { nonce: next, era: 0 });
    const blockHash = await new Promise<string>((resolve, reject) => {
      const onStatus = (error: Error | null, status?: unknown) => {
        const reached = new Map(Object.entries(typeof status === "object" && status !== null ? status : {})).get(until);
        if (error) reject(error);
        else if (reached !== undefined) resolve(String(reached));
        else if (status === "dropped" || status === "invalid") reject(new Error(status));
      };
      this.provider
        .subscribe("author_extrinsicUpdate", "author_submitAndWatchExtrinsic", [signed.toHex()], onStatus)
        .catch(reject);
    });
    return this.#resultOf(blockHash, signed.toHex());
  }

  /** One JSON-RPC method. */
  rpc<T>(method: string, ...params: unknown[]): Promise<T> {
    return this.provider.send<T>(method, params);
  }

  /** Sends and insists that it succeeded as a whole. */
  async sendOk(pair: Pair, call: RawCall, options: SendOptions = {}): Promise<RawResult> {
    const result = await this.send(pair, call, options);
    if (result.error !== undefined) throw new Error(`refused: ${result.error}`);
    return result;
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    await this.api.disconnect();
  }

  async #resultOf(blockHash: string, hex: string): Promise<RawResult> {
    const { block } = await this.rpc<{ block: { extrinsics: string[] } }>("chain_getBlock", blockHash);
    const index = block.extrinsics.indexOf(hex);
    const key = this.api.query.system?.events?.key();
    const events = await this.rpc<string>("state_getStorage", key, blockHash);
    const records = this.api.createType("Vec<FrameSystemEventRecord>", events) as unknown as Iterable<EventRecord>;
    const own = [...records].filter(({ phase }) => {
      return (phase.toJSON() as { applyExtrinsic?: number }).applyExtrinsic === index;
    });
    const names = own.map(({ event }) => `${event.section}.${event.method}`);
    const data = own.map(({ event }) => [...event.data].map((field) => field.toJSON()));
    const failure = data[names.indexOf("system.ExtrinsicFailed")];
    const fee = data[names.indexOf("transactionPayment.TransactionFeePaid")]?.[1];
    return {
      blockHash,
      events: names,
      data,
      error: failure && this.errorName(failure[0]),
      fee: BigInt(String(fee ?? 0)),
    };
  }

  /** Name of a dispatch error. */
  errorName(error: unknown): string {
    const { module } = error as { module?: { index: number; error: string } };
    if (module === undefined) return JSON.stringify(error);
    return this.api.registry.findMetaError(Uint8Array.of(module.index, Number.parseInt(module.error.slice(2, 4), 16)))
      .name;
  }
}

/** A child account's seed: 32 bytes of hex that both the library and the client under test accept. */
export function childSeed(secret: string, path: string): string {
  return blake2AsHex(`${secret}//${path}`);
}

/** The signer of a secret: a mnemonic, a seed or a development account. */
export function pairOf(secret: string, type: "sr25519" | "ed25519" = "sr25519"): Pair {
  return new Keyring({ type, ss58Format: 42 }).addFromUri(secret);
}
