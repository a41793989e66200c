import { connect } from "node:net";
import { WebSocket } from "ws";
import { type Envelope, JSON_SCHEMA } from "../../../lib/model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../../lib/model/envelope-codec";
import { createRelayToken, type RelayTokenClaims } from "../../../lib/model/relay-token";
import { accountOf, MessageBus, type MessageBusOptions, NODE, USER } from "../../support/message-bus";

let bus: MessageBus;
const start = async (options?: MessageBusOptions) => {
  bus = await MessageBus.start(options);
};
afterEach(() => bus.close());

const nowSec = () => Math.floor(Date.now() / 1000);

async function token(claims: Partial<RelayTokenClaims> = {}): Promise<string> {
  const issuedAtSec = nowSec();
  const expiresSec = issuedAtSec + 60;
  return createRelayToken(bus.userKeys, { twinId: USER, session: "s", issuedAtSec, expiresSec, ...claims });
}

/** A bare websocket client: what it gets, in order, and how it ends. */
class Probe {
  readonly envelopes: Envelope[] = [];
  readonly closed: Promise<void>;
  #wake: () => void = () => undefined;

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
    socket.on("message", (data) => {
      this.envelopes.push(decodeEnvelope(data as Buffer));
      this.#wake();
    });
  }

  static async open(claims: Partial<RelayTokenClaims> = {}): Promise<Probe> {
    const probe = new Probe(new WebSocket(`${bus.relay.url}/?${await token(claims)}`));
    await new Promise((resolve, reject) => probe.socket.once("open", resolve).once("error", reject));
    return probe;
  }

  send(envelope: Partial<Envelope>): void {
    this.socket.send(encodeEnvelope(message(envelope)));
  }

  /** The next envelope that was not taken yet. */
  async next(): Promise<Envelope> {
    while (this.envelopes.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.envelopes.shift() as Envelope;
  }
}

/** A request of the user to the node; the relay checks neither signature nor payload. */
function message(changes: Partial<Envelope> = {}): Envelope {
  return {
    uid: "u1",
    timestampSec: nowSec(),
    expirationSec: 20,
    source: { twinId: USER, session: "s" },
    destination: { twinId: NODE },
    message: { kind: "request", command: "zos.system.version" },
    payload: { kind: "plain", bytes: Buffer.alloc(0) },
    schema: JSON_SCHEMA,
    relays: [],
    ...changes,
  };
}

/** The HTTP status line and body that a websocket handshake is refused with. */
function refusal(query: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${bus.relay.url}/${query}`);
    socket.on("open", () => reject(new Error("accepted")));
    socket.on("error", () => undefined);
    socket.on("unexpected-response", (_, response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
  });
}

const http = (path: string, init?: RequestInit) => fetch(bus.relay.url.replace("ws:", "http:") + path, init);

describe("connecting to the relay", () => {
  it("is refused with the relay's own words", async () => {
    await start();
    const stranger = await accountOf(9);
    const claims = { twinId: USER, session: "s", issuedAtSec: nowSec(), expiresSec: nowSec() + 60 };
    expect(await refusal("")).toBe("400 missing jwt");
    expect(await refusal("?x")).toBe("401 invalid jwt: jwt: No claims component found in token string");
    expect(await refusal(`?${await token({ expiresSec: nowSec() - 2 })}`)).toBe("401 invalid jwt: jwt has expired");
    expect(await refusal(`?${await token({ twinId: 99 })}`)).toBe("401 twin not found 99");
    expect(await refusal(`?${createRelayToken(stranger, claims)}`)).toBe("401 invalid jwt: jwt: Invalid signature");
  });

  it("works on any path, as the path means nothing", async () => {
    await start();
    const socket = new WebSocket(`${bus.relay.url}/any/path?${await token()}`);
    await new Promise((resolve) => socket.once("open", resolve));
    expect(bus.relay.connectionCount()).toBe(2);
  });

  it("takes over from a former connection of the same twin and session, which is closed", async () => {
    await start();
    const first = await Probe.open();
    const other = await Probe.open({ session: "t" });
    const second = await Probe.open();
    await first.closed;
    second.send({ destination: { twinId: 99 } });
    expect((await second.next()).message).toMatchObject({ text: "unknown twin destination" });
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
    expect(bus.relay.connectionCount()).toBe(3);
  });
});

describe("the relay's HTTP routes", () => {
  it("are federation, metrics, and 404", async () => {
    await start();
    expect(await (await http("/x")).text()).toBe("page not found");
    expect((await http("/")).status).toBe(404);
    expect((await http("/", { method: "POST", body: Uint8Array.of(0xff) })).status).toBe(400);
    expect(await (await http("/", { method: "POST", body: Uint8Array.of(0xff) })).text()).toMatch(/^bad request: /);
    const taken = await http("/", { method: "POST", body: encodeEnvelope(message({ destination: { twinId: 500 } })) });
    expect([taken.status, await taken.text()]).toEqual([202, ""]);
    const failFast = encodeEnvelope(message({ destination: { twinId: 500 }, tags: "fail-fast" }));
    const offline = await http("/", { method: "POST", body: failFast });
    expect([offline.status, await offline.text()]).toEqual([404, "destination offline"]);
    expect(await (await http("/metrics")).text()).toMatch(/^relay_message_rx 2$/m);
  });

  it("answer an upgrade to something else than a websocket without opening anything", async () => {
    await start();
    const { hostname, port } = new URL(bus.relay.url);
    const socket = connect(Number(port), hostname);
    socket.write("GET /?x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    const [line] = String(await new Promise((resolve) => socket.once("data", resolve))).split("\r\n");
    expect(line).toMatch(/^HTTP\/1.1 4\d\d /);
    socket.destroy();
  });
});

describe("the relay refuses a request", () => {
  const cases: [string, Partial<Envelope>, string][] = [
    ["from another twin than the connection's", { source: { twinId: NODE, session: "s" } }, "message wrong source"],
    ["from another session", { source: { twinId: USER } }, "message wrong source"],
    ["from nobody", { source: undefined }, "message wrong source"],
    ["to nobody", { destination: undefined }, "message with missing destination"],
    ["to twin 0", { destination: { twinId: 0, session: "x" } }, "message with missing destination"],
    ["to a twin that does not exist", { destination: { twinId: 99 } }, "unknown twin destination"],
    ["to a twin without a relay", { destination: { twinId: 8 } }, "relay info is not set for this twin"],
    [
      "to a session that is not there, asked to fail fast",
      { destination: { twinId: NODE, session: "x" }, tags: "a fail-fast" },
      "destination offline",
    ],
  ];

  it.each(cases)("%s", async (_, changes, text) => {
    await start();
    bus.twins.set(8, { ...bus.twin(USER), twinId: 8, relay: undefined });
    const probe = await Probe.open();
    probe.send(changes);
    const answer = await probe.next();
    expect(answer).toEqual({
      uid: "u1",
      timestampSec: expect.any(Number),
      expirationSec: 300,
      destination: { twinId: USER, session: "s" },
      message: { kind: "error", code: 0, text },
      relays: [],
    });
  });

  it("but never a response: that just disappears", async () => {
    await start();
    const probe = await Probe.open();
    probe.send({ destination: { twinId: 99 }, message: { kind: "response" } });
    probe.send({ destination: { twinId: 99 }, uid: "u2" });
    expect((await probe.next()).uid).toBe("u2");
  });

  it("beyond the rate limit, and the connection stays", async () => {
    await start({ rateLimit: { count: 2, bytes: 1000 } });
    const probe = await Probe.open();
    const bytes = Buffer.alloc(2000);
    probe.send({ uid: "large", payload: { kind: "plain", bytes }, destination: { twinId: 99 } });
    for (const uid of ["1", "2", "3"]) probe.send({ uid, destination: { twinId: 99 } });
    const texts = [await probe.next(), await probe.next(), await probe.next(), await probe.next()].map(
      ({ uid, message: said }) => `${uid} ${said?.kind === "error" && said.text}`,
    );
    expect(texts).toEqual([
      "large exceeded rate limits, dropping message",
      "1 unknown twin destination",
      "2 unknown twin destination",
      "3 exceeded rate limits, dropping message",
    ]);
  });
});

describe("the relay", () => {
  it("answers both kinds of ping", async () => {
    await start();
    const probe = await Probe.open();
    probe.send({ uid: "p", message: { kind: "ping" }, destination: { twinId: 0 }, payload: undefined });
    expect(await probe.next()).toMatchObject({
      uid: "p",
      source: { twinId: 0 },
      destination: { twinId: USER, session: "s" },
      message: { kind: "pong" },
      payload: { kind: "plain", bytes: Buffer.from("hello world") },
    });
    const pong = new Promise((resolve) => probe.socket.once("pong", resolve));
    probe.socket.ping();
    await pong;
  });

  it("closes a connection that sends text or what is no envelope", async () => {
    await start();
    const text = await Probe.open({ session: "1" });
    text.socket.send("hello");
    const junk = await Probe.open({ session: "2" });
    junk.socket.send(Buffer.from("ffff", "hex"));
    await Promise.all([text.closed, junk.closed]);
    expect(bus.relay.connectionCount()).toBe(1);
  });

  it("passes envelopes on byte for byte, without looking at signature or age", async () => {
    await start();
    const probe = await Probe.open();
    const other = await Probe.open({ session: "t" });
    const odd = message({ destination: { twinId: USER, session: "t" }, timestampSec: 1, signature: Buffer.from("x") });
    const bytes = Buffer.concat([encodeEnvelope(odd), Buffer.from("f80101", "hex")]);
    const got = new Promise<Buffer>((resolve) => other.socket.once("message", (data) => resolve(data as Buffer)));
    probe.socket.send(bytes);
    expect((await got).toString("hex")).toBe(bytes.toString("hex"));
  });

  it("keeps messages for a session that is not there, in order, apart from other sessions", async () => {
    await start();
    const probe = await Probe.open();
    for (const uid of ["1", "2", "3"]) probe.send({ uid, destination: { twinId: USER, session: "later" } });
    probe.send({ uid: "ping", message: { kind: "ping" }, destination: undefined });
    await probe.next();
    await Probe.open({ session: undefined });
    const later = await Probe.open({ session: "later" });
    expect([await later.next(), await later.next(), await later.next()].map(({ uid }) => uid)).toEqual(["1", "2", "3"]);
  });

  it("counts what came in by kind, command and twins", async () => {
    await start();
    await bus.client().call(NODE, "zos.system.version");
    await bus.client().call(NODE, "echo", 1);
    const { traffic } = bus.relay;
    expect(traffic.count()).toBe(4);
    expect(traffic.count({ kind: "request" })).toBe(2);
    expect(traffic.count({ command: "echo", source: USER, destination: NODE })).toBe(1);
    expect(traffic.count({ kind: "response", source: NODE })).toBe(2);
    expect(traffic.bytes()).toBeGreaterThan(4 * 65);
  });

  it("loses and delays messages when told to", async () => {
    await start();
    bus.relay.faults.dropNext(1, (envelope) => envelope.message?.kind === "response");
    const client = bus.client();
    const lost = client.call(NODE, "zos.system.version", undefined, { timeoutMs: 50 });
    await expect(lost).rejects.toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    bus.relay.wire.setFaults({ delayMs: 30 });
    const before = performance.now();
    await client.call(NODE, "zos.system.version");
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
  });

  it("is gone while it is down", async () => {
    await start();
    const probe = await Probe.open();
    bus.relay.setDown(true);
    await probe.closed;
    await expect(Probe.open()).rejects.toThrow();
    await expect(http("/metrics")).rejects.toThrow();
    bus.relay.setDown(false);
    await Probe.open();
  });
});
