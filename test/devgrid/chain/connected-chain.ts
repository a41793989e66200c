import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import type { QueryableStorageEntry, SubmittableExtrinsic } from "@polkadot/api/types";
import type { ISubmittableResult } from "@polkadot/types/types";
import type { Clock } from "../../../lib/core/clock";
import { systemClock } from "../../../lib/core/clock";
import { Secret } from "../../../lib/core/secret";
import type { DevgridChainOptions } from "../../../lib/devgrid/chain/devgrid-chain";
import { DevgridChain } from "../../../lib/devgrid/chain/devgrid-chain";
import type { ChainSeed } from "../../../lib/devgrid/chain/genesis";
import { DEV_PHRASE } from "../../../lib/devgrid/chain/genesis";
import type { SeedNode } from "../../../lib/devgrid/ledger";
import { createKeyPair } from "../../../lib/model/key-pair";

const GIB = 1024 ** 3;

export type Tx = SubmittableExtrinsic<"promise", ISubmittableResult>;
export type Pair = ReturnType<Keyring["addFromUri"]>;

/** Time that moves only when a test says so; what sleeps on it never wakes. */
export class StillClock implements Clock {
  #now = 1_790_000_000_000;

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
}

/** Farm 1 is open and has two addresses and nodes 1 and 2; farm 2 is dedicated and has node 3. */
export async function testSeed(): Promise<ChainSeed> {
  const nodes: SeedNode[] = [];
  for (const [index, farmId] of [1, 1, 2].entries()) {
    nodes.push({
      farmId,
      keys: await createKeyPair(new Secret(`${index + 1}`.repeat(64)), "ed25519"),
      resources: { cru: 24, mru: 192 * GIB, sru: 1000 * GIB, hru: 0 },
      country: "Belgium",
      city: "Ghent",
      publicConfig: undefined,
      isCertified: index === 1,
    });
  }
  const ips = [11, 12].map((host) => ({ ip: `203.0.113.${host}/24`, gateway: "203.0.113.1" }));
  const farms = [
    { name: "open", isDedicated: false, ips },
    { name: "dedicated", isDedicated: true, ips: [] },
  ];
  return { farms, nodes };
}

/** What became of an extrinsic, as a client of the unmodified library sees it. */
export interface Sent {
  readonly statuses: string[];
  /** `section.method` of its events, in order. */
  readonly events: string[];
  readonly records: ISubmittableResult["events"];
  /** `section.name` of a module's error, or another dispatch error's text. */
  readonly error: string | undefined;
  readonly blockHash: string;
}

/** A chain with the unmodified client connected to it. */
export class ConnectedChain {
  readonly sr25519 = new Keyring({ type: "sr25519", ss58Format: 42 });
  readonly dev = this.sr25519.addFromUri(DEV_PHRASE);
  readonly alice = this.sr25519.addFromUri("//Alice");
  readonly bob = this.sr25519.addFromUri("//Bob");
  readonly charlie = this.sr25519.addFromUri("//Charlie");
  readonly ed25519 = new Keyring({ type: "ed25519", ss58Format: 42 }).addFromUri(DEV_PHRASE);

  private constructor(
    readonly chain: DevgridChain,
    readonly api: ApiPromise,
    readonly url: string,
  ) {}

  static async start(options: Partial<DevgridChainOptions> = {}): Promise<ConnectedChain> {
    const seed = options.snapshot ? undefined : await testSeed();
    const chain = await DevgridChain.create({ seed, clock: systemClock, blockMs: "instant", ...options });
    const url = await chain.listen();
    const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
    return new ConnectedChain(chain, api, url);
  }

  async close(): Promise<void> {
    await this.api.disconnect();
    await this.chain.close();
  }

  /** A call by its name, `smartContractModule.cancelContract`. */
  call(name: string, ...args: unknown[]): Tx {
    const [section = "", method = ""] = name.split(".");
    const make = this.api.tx[section]?.[method];
    if (!make) throw new Error(`no call ${name}`);
    return make(...args);
  }

  /** A storage item by its name, `tfgridModule.twins`. */
  item(name: string, at: Pick<ApiPromise, "query"> = this.api): QueryableStorageEntry<"promise"> {
    const [section = "", method = ""] = name.split(".");
    const item = at.query[section]?.[method];
    if (!item) throw new Error(`no item ${name}`);
    return item as QueryableStorageEntry<"promise">;
  }

  /** What is stored, as plain JSON. */
  async read<T>(name: string, ...key: unknown[]): Promise<T> {
    return (await this.item(name)(...key)).toJSON() as T;
  }

  /** Nonce and money of an account. */
  async account(address: string): Promise<{ nonce: number; free: bigint; reserved: bigint }> {
    const { nonce, data } = await this.read<{ nonce: number; data: { free: number; reserved: number } }>(
      "system.account",
      address,
    );
    return { nonce, free: BigInt(data.free), reserved: BigInt(data.reserved) };
  }

  /** The nonce an account would sign with next, those that wait counted. */
  async nextNonce({ address }: Pair): Promise<number> {
    return (await this.api.rpc.system.accountNextIndex(address)).toNumber();
  }

  /** Waits until so many extrinsics are in the pool. */
  async pooled(count: number): Promise<void> {
    while ((await this.api.rpc.author.pendingExtrinsics()).length < count) {
      // Each round is one request to the chain.
    }
  }

  /** Signs, sends and waits until the extrinsic is final. Rejects with the node's own words when it is refused. */
  send(tx: Tx, signer: Pair, options: Parameters<Tx["signAndSend"]>[1] = {}): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const statuses: string[] = [];
      tx.signAndSend(signer, options, (result) => {
        statuses.push(result.status.type);
        if (result.status.isFinalized) resolve(this.#sent(result, statuses));
        if (result.isError) reject(new Error(result.status.type));
      }).catch(reject);
    });
  }

  /** The words with which an extrinsic is refused before it costs anything. */
  async refusal(sending: Promise<unknown>): Promise<string> {
    return sending.then(
      () => "accepted",
      (error: Error) => error.message,
    );
  }

  #sent(result: ISubmittableResult, statuses: string[]): Sent {
    const error = result.dispatchError;
    const meta = error?.isModule ? this.api.registry.findMetaError(error.asModule) : undefined;
    return {
      statuses,
      events: result.events.map(({ event }) => `${event.section}.${event.method}`),
      records: result.events,
      error: meta ? `${meta.section}.${meta.name}` : error?.toString(),
      blockHash: result.status.asFinalized.toHex(),
    };
  }
}

/** Number of the first contract that events tell of; 0 when none does. */
export function createdIn(records: ISubmittableResult["events"]): number {
  const created = records.find(({ event }) => event.method === "ContractCreated");
  const [contract] = (created?.event.data.toJSON() ?? []) as { contractId: number }[];
  return contract?.contractId ?? 0;
}

/** The library prints every refusal before it throws it. */
export function muteLibraryLog(): void {
  jest.spyOn(console, "error").mockImplementation(() => undefined);
}
