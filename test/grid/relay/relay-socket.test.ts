import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../../lib/core/clock";
import { silentLog } from "../../../lib/core/log";
import { RelaySocket } from "../../../lib/grid/relay/relay-socket";

/** Time that moves only when told to. */
class ManualClock implements Clock {
  #nowMs = 0;
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now = () => this.#nowMs;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ at: this.#nowMs + ms, wake: resolve });
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of this.#sleepers.filter(({ at }) => at <= this.#nowMs)) sleeper.wake();
  }
}

let server: WebSocketServer;
let socket: RelaySocket;
let clock: ManualClock;
let isNeeded: boolean;

/** A server that shows its connections and answers nothing, not even pings. */
beforeEach(async () => {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, autoPong: false });
  await once(server, "listening");
  clock = new ManualClock();
  isNeeded = true;
  socket = new RelaySocket({
    urls: [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`],
    token: () => "token",
    clock,
    log: silentLog,
    onOpen: () => undefined,
    onMessage: () => undefined,
    onOutage: () => undefined,
    isNeeded: () => isNeeded,
  });
});

afterEach(async () => {
  await socket.close();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** The server's end of the next connection. */
async function nextConnection(): Promise<WebSocket> {
  const [connection, request] = await once(server, "connection");
  expect(request.url).toBe("/?token");
  return connection;
}

/** Waits until the client has dealt with everything that is on its way. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function connect(): Promise<WebSocket> {
  const connected = nextConnection();
  expect(socket.send(Buffer.from("x"))).toBe(false);
  const connection = await connected;
  await settle();
  return connection;
}

describe("a connection to a relay", () => {
  it("is probed after 20 silent seconds and replaced after 40", async () => {
    const connection = await connect();
    const pings: number[] = [];
    connection.on("ping", () => pings.push(clock.now()));
    clock.advance(19_999);
    await settle();
    expect(pings).toEqual([]);
    clock.advance(1);
    await once(connection, "ping");
    const replaced = nextConnection();
    const closed = once(connection, "close");
    clock.advance(20_000);
    await closed;
    // The pause before another attempt: no message ever came over the first one.
    await settle();
    clock.advance(100);
    await replaced;
    expect(pings).toEqual([20_000]);
  });

  it("is kept as long as pings are answered", async () => {
    const connection = await connect();
    connection.on("ping", () => connection.pong());
    let isClosed = false;
    connection.on("close", () => {
      isClosed = true;
    });
    for (let minute = 0; minute < 3; minute++) {
      const pinged = once(connection, "ping");
      clock.advance(20_000);
      await pinged;
      await settle();
    }
    expect(isClosed).toBe(false);
  });

  it("is not replaced while nobody needs it, and opened again when somebody does", async () => {
    const connection = await connect();
    isNeeded = false;
    connection.terminate();
    await settle();
    clock.advance(60_000);
    await settle();
    expect(server.clients.size).toBe(0);
    isNeeded = true;
    const again = nextConnection();
    expect(socket.send(Buffer.from("x"))).toBe(false);
    await settle();
    clock.advance(100);
    await again;
  });

  it("is not tried again at full speed by a relay that hangs up at once", async () => {
    let connections = 0;
    server.on("connection", (connection) => {
      connections++;
      connection.terminate();
    });
    socket.send(Buffer.from("x"));
    for (let step = 0; step < 100; step++) {
      clock.advance(100);
      await settle();
    }
    // Ten seconds: at once, then after 0.1, 0.2, 0.4, 0.8, 1.6 and from then on each 2 seconds.
    expect(connections).toBeGreaterThanOrEqual(2);
    expect(connections).toBeLessThanOrEqual(10);
  });

  it("ends in time even when the relay does not say goodbye", async () => {
    const connection = await connect();
    connection.pause();
    await socket.close();
    expect(socket.send(Buffer.from("x"))).toBe(false);
    await settle();
    expect(server.clients.size).toBeLessThanOrEqual(1);
    connection.resume();
  });
});
