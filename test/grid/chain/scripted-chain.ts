import { createHash } from "node:crypto";
import { type WebSocket, WebSocketServer } from "ws";
import { loadRuntime, metadataHexOf, type Runtime } from "../../support/tfchain-runtime";

/** An error a node answers with. */
export class NodeRefusal extends Error {
  constructor(
    readonly code: number,
    readonly data: string,
  ) {
    super("Invalid Transaction");
  }
}

/** Versions whose metadata was captured. */
type Spec = 144 | 152;

interface Block {
  /** The runtime it leaves behind: it runs the blocks after it. */
  readonly spec: Spec;
  readonly number: number;
  readonly hash: string;
  readonly extrinsics: readonly string[];
  readonly events: string;
  readonly nonce: number;
}

/** An extrinsic as a node received it. */
export interface Submission {
  readonly hex: string;
  readonly nonce: number;
  /** Chain units. */
  readonly tip: bigint;
  /** Tells its sender a status. */
  tell(status: unknown): void;
}

/** @param usual what would have been answered without it */
type Handler = (params: unknown[], socket: WebSocket, usual: () => unknown) => unknown;

/**
 * A chain endpoint whose every misbehaviour is a test's decision: it speaks a captured runtime's metadata over a real
 * socket, makes blocks when told to, and knows one account.
 */
export class ScriptedChain {
  runtime: Runtime;
  /** Every method asked, in order. */
  readonly asked: string[] = [];
  /** Every extrinsic received. */
  readonly submissions: Submission[] = [];
  /** Milliseconds by which chain time lags behind the machine's. */
  lagMs = 0;
  /** Answers nothing any more when set. */
  isMute = false;
  /** Number of the last final block. */
  final = 0;
  /** Free balance of the account. */
  free = 10n ** 9n;
  readonly #server: WebSocketServer;
  readonly #handlers = new Map<string, Handler>();
  readonly #salt: string;
  #spec: Spec;
  #blocks: Block[];
  #woken: (() => void)[] = [];

  private constructor(server: WebSocketServer, options: { spec: Spec; genesis: string }) {
    this.#server = server;
    this.#salt = options.genesis;
    this.#spec = options.spec;
    this.runtime = loadRuntime(options.spec);
    this.#blocks = [this.#block(0, [], [], 0)];
    this.#serve();
    server.on("connection", (socket) => socket.on("message", (data) => this.#receive(socket, String(data))));
  }

  /** Starts it on a free port. */
  static async start(options: { spec?: Spec; genesis?: string } = {}): Promise<ScriptedChain> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise<void>((resolve) => server.once("listening", resolve));
    return new ScriptedChain(server, { spec: 152, genesis: "one", ...options });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Replaces the answer of a method. */
  on(method: string, handler: Handler): void {
    const before = this.#handlers.get(method);
    this.#handlers.set(method, (params, socket, usual) =>
      handler(params, socket, before ? () => before(params, socket, usual) : usual),
    );
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  /** Says something unasked for to every connection. */
  shout(text: string): void {
    for (const socket of this.#server.clients) socket.send(text);
  }

  /** Resolves with the n-th extrinsic received, counted from 1. */
  async submission(n: number): Promise<Submission> {
    for (;;) {
      const found = this.submissions[n - 1];
      if (found) return found;
      await new Promise<void>((resolve) => this.#woken.push(resolve));
    }
  }

  /** Resolves once a method was asked that many more times. */
  async askedMore(method: string, times: number): Promise<void> {
    const enough = this.times(method) + times;
    while (this.times(method) < enough) await new Promise<void>((resolve) => this.#woken.push(resolve));
  }

  /** The node numbers of the calls in an extrinsic that the queue made, for use as contract ids. */
  callsOf(hex: string): number[] {
    const { method } = this.runtime.registry.createType("Extrinsic", hex) as unknown as {
      method: { args: [Iterable<{ args: [{ toNumber(): number }] }>] };
    };
    return [...method.args[0]].map(({ args }) => args[0].toNumber());
  }

  /** The nonce of an extrinsic. */
  nonceOf(hex: string): number {
    return this.#decode(hex).nonce.toNumber();
  }

  /** Makes a block. Extrinsics of other accounts come first, so that positions matter. */
  addBlock(extrinsics: readonly string[] = [], events: readonly Uint8Array[] = [], nonces = extrinsics.length): string {
    const tip = this.#tip();
    this.#blocks.push(this.#block(tip.number + 1, ["0x0400", ...extrinsics], events, tip.nonce + nonces));
    return this.#tip().hash;
  }

  /** The newest block turns out to have upgraded the runtime. */
  upgrade(spec: Spec): void {
    this.#spec = spec;
    this.runtime = loadRuntime(spec);
    this.#blocks.push({ ...(this.#blocks.pop() as Block), spec });
    const params = { subscription: "runtime", result: runtimeVersion(spec) };
    this.shout(JSON.stringify({ jsonrpc: "2.0", method: "state_runtimeVersion", params }));
  }

  /** How many times a method was asked. */
  times(method: string): number {
    return this.asked.filter((each) => each === method).length;
  }

  /** Drops the newest block. */
  dropBlock(): void {
    this.#blocks.pop();
  }

  /** One event of the first own extrinsic of a block. */
  event(section: string, method: string, ...fields: Uint8Array[]): Uint8Array {
    const { pallets } = this.runtime.registry.metadata;
    const pallet = pallets.find(({ name }) => name.toString() === section);
    const type = this.runtime.registry.lookup.getSiType(pallet?.events.unwrap().type as never);
    const variant = type.def.asVariant.variants.find(({ name }) => name.toString() === method);
    const head = [0, 1, 0, 0, 0, pallet?.index.toNumber() ?? 0, variant?.index.toNumber() ?? 0];
    return Buffer.concat([Buffer.from(head), ...fields, Buffer.of(0)]);
  }

  /** The record of a node contract as `ContractCreated` carries it. */
  contract(contractId: number): Uint8Array {
    return this.#encode("smartContractModule", "contracts", { version: 4, contractId, twinId: 1, state: "Created" });
  }

  /** Events of a forced batch in which every call made one contract. */
  madeContracts(...ids: number[]): Uint8Array[] {
    const each = ids.flatMap((id) => [
      this.event("SmartContractModule", "ContractCreated", this.contract(id)),
      this.event("Utility", "ItemCompleted"),
    ]);
    return [
      ...each,
      this.event("Utility", "BatchCompleted"),
      this.event("System", "ExtrinsicSuccess", Buffer.alloc(4)),
    ];
  }

  /** Ends the server and its connections. */
  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(): void {
    const answers: Record<string, Handler> = {
      state_getRuntimeVersion: ([hash]) => runtimeVersion(this.#find(hash).spec),
      state_subscribeRuntimeVersion: () => "runtime",
      state_getMetadata: ([hash]) => metadataHexOf(this.#find(hash).spec),
      system_chain: () => "scripted",
      system_properties: () => ({ ss58Format: 42, tokenDecimals: 7, tokenSymbol: "TFT" }),
      rpc_methods: () => ({ methods: Object.keys(answers) }),
      system_health: () => ({ peers: 1, isSyncing: false, shouldHavePeers: true }),
      chain_getBlockHash: ([number = this.#tip().number]) => this.#blocks[Number(number)]?.hash ?? null,
      chain_getFinalizedHead: () => this.#blocks[this.final]?.hash,
      chain_getHeader: ([hash]) => this.#header(this.#find(hash)),
      chain_getBlock: ([hash]) => ({
        block: { header: this.#header(this.#find(hash)), extrinsics: this.#find(hash).extrinsics },
        justifications: null,
      }),
      state_getStorage: ([, hash]) => this.#find(hash).events,
      state_queryStorageAt: ([keys, hash]) => this.#read(keys as string[], hash),
      system_accountNextIndex: () => this.#tip().nonce,
      author_submitAndWatchExtrinsic: this.submit,
      author_unwatchExtrinsic: () => true,
      state_unsubscribeRuntimeVersion: () => true,
    };
    for (const [method, handler] of Object.entries(answers)) this.#handlers.set(method, handler);
  }

  #receive(socket: WebSocket, text: string): void {
    const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: unknown[] };
    this.asked.push(method);
    // Waiting tests go on once the answer is on its way.
    setImmediate(() => {
      for (const wake of this.#woken.splice(0)) wake();
    });
    if (this.isMute) return;
    const reply = (content: object) => socket.send(JSON.stringify({ jsonrpc: "2.0", id, ...content }));
    const handler = this.#handlers.get(method);
    try {
      if (!handler) throw new NodeRefusal(-32601, "Method not found");
      const result = handler(params, socket, () => undefined);
      if (result !== undefined) reply({ result });
    } catch (error) {
      if (!(error instanceof NodeRefusal)) throw error;
      reply({ error: { code: error.code, message: error.message, data: error.data } });
    }
  }

  /** How an extrinsic is taken unless a test decides otherwise. */
  readonly submit = ([extrinsic]: unknown[], socket: WebSocket): string => {
    const hex = String(extrinsic);
    const { nonce, tip } = this.#decode(hex);
    const subscription = `watch-${this.submissions.length}`;
    const tell = (result: unknown) =>
      socket.send(
        JSON.stringify({ jsonrpc: "2.0", method: "author_extrinsicUpdate", params: { subscription, result } }),
      );
    this.submissions.push({ hex, nonce: nonce.toNumber(), tip: tip.toBigInt(), tell });
    return subscription;
  };

  #decode(hex: string) {
    return this.runtime.registry.createType("Extrinsic", hex) as unknown as {
      nonce: { toNumber(): number };
      tip: { toBigInt(): bigint };
    };
  }

  #read(keys: readonly string[], hash: unknown) {
    const block = hash === undefined ? this.#tip() : this.#find(hash);
    const known: Record<string, () => Uint8Array | string> = {
      [this.#key("timestamp", "now")]: () => this.#encode("timestamp", "now", Date.now() - this.lagMs),
      [this.#key("system", "account")]: () =>
        this.#encode("system", "account", { nonce: block.nonce, data: { free: this.free } }),
      [this.#key("system", "events")]: () => block.events,
    };
    const changes = keys.map((key) => {
      const value = known[key.slice(0, 66)]?.() ?? null;
      return [key, value instanceof Uint8Array ? `0x${Buffer.from(value).toString("hex")}` : value];
    });
    return [{ block: block.hash, changes }];
  }

  #key(pallet: string, item: string): string {
    const entry = this.runtime.query[pallet]?.[item] as unknown as { keyPrefix(): Uint8Array };
    return `0x${Buffer.from(entry.keyPrefix()).toString("hex")}`;
  }

  #encode(pallet: string, item: string, value: unknown): Uint8Array {
    const entry = this.runtime.query[pallet]?.[item] as unknown as { readonly meta: { readonly type: StorageType } };
    const { type } = entry.meta;
    const id = type.isPlain ? type.asPlain : type.asMap.value;
    return this.runtime.registry.createType(this.runtime.registry.createLookupType(id as never), value).toU8a();
  }

  #block(number: number, extrinsics: readonly string[], events: readonly Uint8Array[], nonce: number): Block {
    const hash = `0x${createHash("sha256")
      .update(`${this.#salt}/${number}/${extrinsics}/${Buffer.concat(events).toString("hex")}`)
      .digest("hex")}`;
    const encoded = Buffer.concat([Buffer.of(events.length << 2), ...events]);
    return { spec: this.#spec, number, hash, extrinsics, events: `0x${encoded.toString("hex")}`, nonce };
  }

  #header({ number, hash }: Block) {
    const parentHash = this.#blocks[number - 1]?.hash ?? hash;
    const none = `0x${"00".repeat(32)}`;
    return {
      parentHash,
      number: `0x${number.toString(16)}`,
      stateRoot: none,
      extrinsicsRoot: none,
      digest: { logs: [] },
    };
  }

  #find(hash: unknown): Block {
    const block = hash === undefined ? this.#tip() : this.#blocks.find((candidate) => candidate.hash === hash);
    if (!block) throw new NodeRefusal(4003, "unknown block");
    return block;
  }

  #tip(): Block {
    return this.#blocks.at(-1) as Block;
  }
}

/** The version as a node answers it. */
export function runtimeVersion(specVersion: number) {
  return {
    specName: "substrate-threefold",
    implName: "substrate-threefold",
    authoringVersion: 1,
    specVersion,
    implVersion: 0,
    apis: [],
    transactionVersion: 2,
    stateVersion: 0,
  };
}

interface StorageType {
  readonly isPlain: boolean;
  readonly asPlain: unknown;
  readonly asMap: { readonly value: unknown };
}
