/** Sockets in memory between programs of one process: what `node:net` gives for a loopback port, without a kernel. */
import http from "node:http";
import net from "node:net";
import { Duplex, Readable } from "node:stream";
import type { SimulatedProcess } from "./simulated-process";
import type { World } from "./world";

/** Ports a world gives. All have five digits: messages that name them are of equal length. */
const PORTS = { first: 10_000, last: 65_535 };

/**
 * Servers that listen on loopback, by port. Ports are given in order, whatever the machine has free: a program remembers
 * what it met at an address, so that one given twice would make a run depend on those before it.
 */
export class ListeningServers {
  readonly #byPort = new Map<number, net.Server>();
  #lastPort = PORTS.last;

  /** Begins to take note of who listens; gives what ends it. */
  watch(): () => void {
    const { listen } = net.Server.prototype;
    const begin = (server: net.Server) => this.#begin(server);
    net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]) {
      this.once("listening", () => begin(this));
      return Reflect.apply(listen, this, args);
    } as typeof listen;
    return () => {
      net.Server.prototype.listen = listen;
    };
  }

  /** Who listens there. */
  at(port: number): net.Server | undefined {
    return this.#byPort.get(port);
  }

  #begin(server: net.Server): void {
    const real = server.address();
    if (typeof real !== "object" || real === null) return;
    const port = this.#lastPort === PORTS.last ? PORTS.first : this.#lastPort + 1;
    this.#lastPort = port;
    server.address = () => ({ ...real, port });
    this.#byPort.set(port, server);
    server.once("close", () => this.#byPort.delete(port));
  }
}

/** One end of a connection. */
class MemorySocket extends Duplex {
  readonly remoteAddress = "127.0.0.1";
  readonly connecting = false;
  peer: MemorySocket | undefined;
  /** Bytes neither come nor go, and nobody is told. */
  isMute = false;
  #patience: NodeJS.Timeout | undefined;

  constructor(
    private readonly world: World,
    private readonly owner: SimulatedProcess | undefined,
  ) {
    super({ allowHalfOpen: false });
    owner?.onDeath(() => this.#vanish());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.#passes(`send ${chunk.length}`)) this.#tell((peer) => peer.#receive(chunk));
    done();
  }

  override _final(done: () => void): void {
    if (this.#passes("end")) this.#tell((peer) => peer.#receive(null));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#patience);
    if (!this.isMute) this.#tell((peer) => peer.destroy());
    done(error);
  }

  /** Counts from now on, not from the last byte: it is asked for while a connection is opened. */
  setTimeout(ms: number, onTimeout?: () => void): this {
    clearTimeout(this.#patience);
    if (onTimeout) this.once("timeout", onTimeout);
    if (ms > 0) this.#patience = setTimeout(() => this.emit("timeout"), ms);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #receive(chunk: Buffer | null): void {
    if (this.destroyed || !this.#passes(chunk ? `receive ${chunk.length}` : "closed")) return;
    this.push(chunk);
  }

  #passes(what: string): boolean {
    if (this.isMute) return false;
    return this.owner?.moment(what, () => this.#vanish()) ?? true;
  }

  /** The far end notices that this one is gone, this one notices nothing. */
  #vanish(): void {
    if (this.isMute) return;
    this.isMute = true;
    this.#tell((peer) => peer.destroy());
  }

  #tell(act: (peer: MemorySocket) => void): void {
    const { peer } = this;
    if (peer) this.world.post(peer.owner, () => act(peer));
  }
}

/** Connects to a server of this world; refused when nobody listens on that port. */
export function connectInMemory(world: World, port: number): Duplex {
  const server = world.servers.at(port);
  const near = new MemorySocket(world, world.current);
  if (!server) {
    const refusal = Object.assign(new Error(`connect ECONNREFUSED 127.0.0.1:${port}`), { code: "ECONNREFUSED" });
    world.post(world.current, () => near.destroy(refusal));
    return near;
  }
  const far = new MemorySocket(world, undefined);
  near.peer = far;
  far.peer = near;
  world.post(undefined, () => server.emit("connection", far));
  return near;
}

/** `fetch` over sockets of `net.connect`. */
export function fetchInMemory(url: string, init: RequestInit = {}): Promise<Response> {
  const { method = "GET", headers, body, signal } = init;
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method,
      headers: headers as http.OutgoingHttpHeaders,
      createConnection: () => net.connect({ host: "127.0.0.1", port: Number(port) }),
    });
    const giveUp = () => {
      reject(signal?.reason);
      request.destroy();
    };
    request.on("error", (cause) => reject(new TypeError("fetch failed", { cause })));
    if (signal?.aborted) return giveUp();
    signal?.addEventListener("abort", giveUp, { once: true });
    request.on("response", (incoming) => {
      const stream = Readable.toWeb(incoming) as unknown as ReadableStream;
      resolve(
        new Response(stream, { status: incoming.statusCode, headers: incoming.headers as Record<string, string> }),
      );
    });
    request.end(typeof body === "string" ? body : undefined);
  });
}
