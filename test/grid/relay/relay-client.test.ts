import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { GridError } from "../../../lib/core/errors";
import { type Envelope, signEnvelope } from "../../../lib/model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../../lib/model/envelope-codec";
import { accountOf, MessageBus, type MessageBusOptions, NODE, twinOf, USER } from "../../support/message-bus";

let bus: MessageBus;

async function start(options?: MessageBusOptions): Promise<MessageBus> {
  bus = await MessageBus.start(options);
  return bus;
}

afterEach(() => bus.close());

/** The error a promise ends with. */
async function failureOf(work: Promise<unknown>): Promise<GridError> {
  return work.then(
    (value) => {
      throw new Error(`succeeded with ${JSON.stringify(value)}`);
    },
    (error) => error,
  );
}

/** Answers every request with what `forge` makes of the honest answer, through the node's own mailbox. */
function answerWith(forge: (honest: Envelope) => (Envelope | Uint8Array)[]): void {
  bus.peer.disconnect();
  const link = bus.relay.attach(NODE, undefined, async (bytes) => {
    const honest = await bus.peer.receive(bytes);
    if (!honest) return;
    for (const answer of forge(decodeEnvelope(honest))) {
      link.send(answer instanceof Uint8Array ? answer : encodeEnvelope(answer));
    }
  });
}

describe("a call to a node", () => {
  it("gives the JSON of the node's answer", async () => {
    const { peer } = await start();
    peer.handle("nothing", async () => undefined);
    const client = bus.client();
    expect(await client.call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
    expect(await client.call(NODE, "echo", { contract_id: 5 })).toEqual({ twin: USER, payload: '{"contract_id":5}' });
    expect(await client.call(NODE, "nothing")).toBeNull();
  });

  it.each([
    ["both have a key", {}, {}, "cipher"],
    ["the node has none", {}, { encryptionKey: undefined }, "plain"],
    ["the user has none", { encryptionKey: undefined }, {}, "plain"],
  ] as const)("is encrypted or not as the chain says when %s", async (_, user, node, kind) => {
    await start({ user, node });
    const seen: (string | undefined)[] = [];
    bus.peer.disconnect();
    const link = bus.relay.attach(NODE, undefined, async (bytes) => {
      seen.push(decodeEnvelope(bytes).payload?.kind);
      const answer = await bus.peer.receive(bytes);
      if (answer) link.send(answer);
    });
    expect(await bus.client().call(NODE, "echo", "x")).toEqual({ twin: USER, payload: '"x"' });
    expect(seen).toEqual([kind]);
  });

  it("asks the relay for fail-fast unless told otherwise, and lives as long as its deadline", async () => {
    await start();
    const requests: Envelope[] = [];
    bus.peer.disconnect();
    const link = bus.relay.attach(NODE, undefined, async (bytes) => {
      requests.push(decodeEnvelope(bytes));
      const answer = await bus.peer.receive(bytes);
      if (answer) link.send(answer);
    });
    await bus.client().call(NODE, "echo", 1, { timeoutMs: 4_500 });
    await bus.client().call(NODE, "echo", 1, { failFast: false });
    expect(requests.map(({ tags, expirationSec, schema }) => ({ tags, expirationSec, schema }))).toEqual([
      { tags: "fail-fast", expirationSec: 5, schema: "application/json" },
      { tags: undefined, expirationSec: 20, schema: "application/json" },
    ]);
  });

  it("shares one socket with 199 others, at most 64 of them on their way", async () => {
    await start();
    let now = 0;
    let most = 0;
    bus.peer.handle("count", async (_, payload) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return JSON.parse(payload.toString());
    });
    const client = bus.client();
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    expect(await Promise.all(numbers.map((number) => client.call(NODE, "count", number)))).toEqual(numbers);
    expect(bus.relay.connectionCount()).toBe(2);
    expect(bus.relay.traffic.count({ command: "count", source: USER, destination: NODE })).toBe(200);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(64);
  });

  it("looks each twin up once for many calls", async () => {
    await start();
    let lookups = 0;
    const client = bus.client({
      twins: async (twinId) => {
        lookups++;
        return bus.twins.get(twinId);
      },
    });
    await Promise.all([1, 2, 3].map((n) => client.call(NODE, "echo", n)));
    await client.call(NODE, "echo", 4);
    expect(lookups).toBe(1);
  });

  it("fails with the node's own words", async () => {
    await start();
    bus.peer.handle("zos.deployment.get", async () => {
      throw new Error("deployment not found");
    });
    const error = await failureOf(bus.client().call(NODE, "zos.deployment.get", {}));
    expect(error).toMatchObject({ code: "TFG_NODE_REFUSED", facts: { "node said": "deployment not found" } });
    const unknown = await failureOf(bus.client().call(NODE, "zos.nonsense"));
    expect(unknown).toMatchObject({ code: "TFG_NODE_REFUSED", facts: { "node said": "function is not found" } });
  });

  it("fails at once when the relay says that the node is offline", async () => {
    await start();
    bus.peer.disconnect();
    const error = await failureOf(bus.client().call(NODE, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_NODE_UNREACHABLE", retryable: true });
    expect(error.message).toContain("destination offline");
    expect(error.standing).toContain("did nothing");
  });

  it("fails at its deadline when the node says nothing, and says that it may have acted", async () => {
    await start();
    bus.peer.handle("slow", () => new Promise(() => undefined));
    const error = await failureOf(bus.client().call(NODE, "slow", 1, { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: "TFG_NODE_UNREACHABLE", facts: { command: "slow", "waited seconds": 0.05 } });
    expect(error.standing).toContain("not known");
  });

  it("reaches a node that comes online later when it is not fail-fast", async () => {
    await start();
    bus.peer.disconnect();
    const answer = bus.client().call(NODE, "zos.system.version", undefined, { failFast: false });
    while (bus.relay.traffic.count({ kind: "request" }) === 0) await new Promise((resolve) => setImmediate(resolve));
    bus.peer.connect(bus.relay);
    expect(await answer).toEqual({ zos: "3.14.0" });
  });

  it("is given up by its signal, on its way or waiting in line", async () => {
    await start();
    bus.peer.handle("slow", () => new Promise(() => undefined));
    const client = bus.client();
    const abort = new AbortController();
    const calls = Array.from({ length: 70 }, () => failureOf(client.call(NODE, "slow", 1, { signal: abort.signal })));
    const reason = new Error("stopped by the user");
    setImmediate(() => abort.abort(reason));
    expect(await Promise.all(calls)).toEqual(calls.map(() => reason));
    expect(await client.call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
  });

  it("fails when the twin is not on the chain", async () => {
    await start();
    const error = await failureOf(bus.client().call(555, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_NODE_UNREACHABLE", facts: { twin: 555 } });
    expect(bus.relay.traffic.count()).toBe(0);
  });

  it("is not sent when the chain answers only after the deadline", async () => {
    await start();
    let answerLate: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      answerLate = resolve;
    });
    const client = bus.client({ twins: () => late.then(() => bus.twin(NODE)) });
    const error = await failureOf(client.call(NODE, "echo", 1, { timeoutMs: 20 }));
    expect(error).toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    expect(error.standing).toContain("did nothing");
    answerLate();
    expect(await client.call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
    expect(bus.relay.traffic.count({ command: "echo" })).toBe(0);
  });

  it("is refused before it is sent when it is larger than a frame", async () => {
    await start();
    const error = await failureOf(bus.client().call(NODE, "echo", "x".repeat(17 * 1024 * 1024)));
    expect(error).toMatchObject({ code: "TFG_MESSAGE_TOO_LARGE" });
    expect(bus.relay.traffic.count()).toBe(0);
  });
});

describe("the account's own twin", () => {
  it("must have this account's encryption key, or nothing is sent", async () => {
    await start();
    const other = await accountOf(9);
    const client = bus.client({ twin: twinOf(USER, other, { accountId: bus.userKeys.publicKey }) });
    expect(client.encryptionKeyMatches).toBe(false);
    expect(await failureOf(client.call(NODE, "zos.system.version"))).toMatchObject({ code: "TFG_TWIN_KEY" });
    expect(bus.client().encryptionKeyMatches).toBe(true);
    expect(bus.client({ twin: { ...bus.twin(USER), encryptionKey: undefined } }).encryptionKeyMatches).toBe(true);
    expect(bus.relay.traffic.count()).toBe(0);
  });

  it("must have a relay, or nodes could not answer", async () => {
    await start({ user: { relay: undefined } });
    expect(await failureOf(bus.client().call(NODE, "zos.system.version"))).toMatchObject({ code: "TFG_TWIN_RELAY" });
  });

  it("is told apart from a node's stale copy: an answer for another key fails the call", async () => {
    await start();
    const other = twinOf(USER, await accountOf(9), { accountId: bus.userKeys.publicKey });
    const client = bus.client();
    bus.twins.set(USER, other);
    const error = await failureOf(client.call(NODE, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_TWIN_KEY" });
    expect(error.standing).toContain("acted");
  });
});

describe("an answer is not trusted", () => {
  const forgeries: [string, (honest: Envelope) => Envelope | Promise<Envelope>][] = [
    ["altered after signing", (honest) => ({ ...honest, timestampSec: honest.timestampSec + 1 })],
    ["without a signature", ({ signature: _, ...honest }) => honest],
    ["signed by another account", async (honest) => signEnvelope(honest, await accountOf(9))],
    ["of a relay but not an error", ({ source: _, ...honest }) => honest],
    [
      "an unsigned error in the node's name",
      (honest) => ({ ...honest, message: { kind: "error", code: 0, text: "no" } }),
    ],
    [
      "that is a request",
      (honest) => signEnvelope({ ...honest, message: { kind: "request", command: "x" } }, bus.nodeKeys),
    ],
  ];

  it.each(forgeries)("when it is %s", async (_, forge) => {
    await start();
    bus.peer.disconnect();
    const link = bus.relay.attach(NODE, undefined, async (bytes) => {
      const honest = await bus.peer.receive(bytes);
      const forged = encodeEnvelope(await forge(decodeEnvelope(honest ?? bytes)));
      // Past the relay's own checks, as a dishonest relay could.
      await fetch(bus.relay.url.replace("ws", "http"), { method: "POST", body: forged });
      if (honest) link.send(honest);
    });
    expect(await bus.client().call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
  });

  it("when another twin sends it with its own good signature", async () => {
    await start();
    const strangerKeys = await accountOf(3);
    bus.twins.set(102, twinOf(102, strangerKeys));
    const stranger = bus.relay.attach(102, undefined, () => undefined);
    answerWith((honest) => {
      const forged = signEnvelope({ ...honest, source: { twinId: 102 } }, strangerKeys);
      stranger.send(encodeEnvelope(forged));
      return [honest];
    });
    expect(await bus.client().call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
    expect(bus.relay.traffic.count({ source: 102 })).toBe(1);
  });

  it("when nothing better comes: the call ends at its deadline and says why", async () => {
    await start();
    answerWith((honest) => [{ ...honest, expirationSec: 1 }]);
    const error = await failureOf(bus.client().call(NODE, "zos.system.version", undefined, { timeoutMs: 100 }));
    expect(error).toMatchObject({
      code: "TFG_NODE_UNREACHABLE",
      facts: { "answer not trusted": "its signature is not the node's" },
    });
  });

  it("twice: the second of two answers is ignored", async () => {
    await start();
    answerWith((honest) => [honest, honest]);
    const client = bus.client();
    expect(await client.call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
    expect(await client.call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
  });

  it("as JSON when it is none", async () => {
    await start();
    const plain = { kind: "plain", bytes: Buffer.from("<html>") } as const;
    answerWith((honest) => [signEnvelope({ ...honest, payload: plain }, bus.nodeKeys)]);
    const error = await failureOf(bus.client().call(NODE, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_NODE_REFUSED" });
    expect(error.message).toContain("<html>");
  });

  it("as half of a deployment: what is in it may be secret, and is not repeated", async () => {
    await start();
    const half = { kind: "plain", bytes: Buffer.from('{"workloads":[{"data":{"password":"hunter2"') } as const;
    answerWith((honest) => [signEnvelope({ ...honest, payload: half }, bus.nodeKeys)]);
    const error = await failureOf(bus.client().call(NODE, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_NODE_REFUSED" });
    expect(error.message).not.toContain("hunter2");
  });
});

describe("a lost connection", () => {
  it("is replaced, and unanswered calls go out again as the same bytes", async () => {
    await start();
    const received: string[] = [];
    let answerNow = false;
    bus.peer.disconnect();
    const link = bus.relay.attach(NODE, undefined, async (bytes) => {
      received.push(Buffer.from(bytes).toString("hex"));
      if (!answerNow) {
        answerNow = true;
        bus.relay.disconnectAll();
        return;
      }
      const answer = await bus.peer.receive(bytes);
      if (answer) link.send(answer);
    });
    expect(await bus.client().call(NODE, "echo", "x")).toEqual({ twin: USER, payload: '"x"' });
    expect(received).toHaveLength(2);
    expect(received[1]).toBe(received[0]);
  });

  it("does not lose answers that come meanwhile: they wait at the relay", async () => {
    await start();
    const client = bus.client({ session: "fixed" });
    let copies = 0;
    bus.peer.handle("late", async () => {
      if (++copies > 1) return new Promise(() => undefined);
      bus.relay.setDown(true);
      setImmediate(() => bus.relay.setDown(false));
      return "kept";
    });
    expect(await client.call(NODE, "late")).toBe("kept");
    expect(copies).toBeLessThanOrEqual(2);
  });

  it("is not replaced while nothing is waiting", async () => {
    await start();
    const client = bus.client();
    await client.call(NODE, "zos.system.version");
    bus.relay.disconnectAll();
    while (bus.relay.connectionCount() > 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await client.call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
    expect(bus.relay.connectionCount()).toBe(2);
  });

  it("says what is not known when the node goes offline before the repetition", async () => {
    await start();
    bus.peer.handle("slow", async () => {
      bus.peer.disconnect();
      bus.relay.disconnectAll();
      return null;
    });
    const error = await failureOf(bus.client().call(NODE, "slow"));
    expect(error).toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    expect(error.standing).toContain("not known");
  });
});

describe("the relay's side", () => {
  it("is given up when every relay refuses the account, with the relay's words", async () => {
    await start();
    const client = bus.client({ twin: { ...bus.twin(USER), twinId: 9 } });
    const error = await failureOf(client.call(NODE, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_RELAY_REFUSED" });
    expect(error.message).toContain("HTTP 401");
    expect(error.message).toContain("twin not found 9");
  });

  it("fails over to the next relay", async () => {
    await start();
    const client = bus.client({ urls: ["ws://127.0.0.1:9", bus.relay.url] });
    expect(await client.call(NODE, "zos.system.version")).toEqual({ zos: "3.14.0" });
  });

  it("is out of reach: the call fails at its deadline, naming each relay but never the token", async () => {
    await start();
    const client = bus.client({ urls: ["ws://127.0.0.1:9", "nonsense"] });
    const error = await failureOf(client.call(NODE, "zos.system.version", undefined, { timeoutMs: 200 }));
    expect(error).toMatchObject({ code: "TFG_RELAY_UNREACHABLE", retryable: true });
    expect(error.facts["ws://127.0.0.1:9"]).toContain("ECONNREFUSED");
    expect(error.facts.nonsense).toContain("not a websocket URL");
    expect(JSON.stringify(error)).not.toContain("eyJ");
    expect(error.standing).toContain("did nothing");
  });

  it("is out of reach for long: calls fail before their deadline", async () => {
    await start();
    let now = Date.now();
    // A clock on which every pause is over at once, so that ten seconds of trying pass in no time.
    const clock = {
      now: () => now,
      sleep: async (ms: number) => {
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
    const error = await failureOf(bus.client({ urls: ["ws://127.0.0.1:9"], clock }).call(NODE, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_RELAY_UNREACHABLE" });
  });

  it("comes back within the deadline", async () => {
    await start();
    bus.relay.setDown(true);
    const answer = bus.client().call(NODE, "zos.system.version");
    setTimeout(() => bus.relay.setDown(false), 100);
    expect(await answer).toEqual({ zos: "3.14.0" });
  });

  it("reports that it limits the rate", async () => {
    await start({ rateLimit: { count: 1, bytes: 100_000 } });
    const client = bus.client();
    await client.call(NODE, "zos.system.version");
    const error = await failureOf(client.call(NODE, "zos.system.version"));
    expect(error).toMatchObject({ code: "TFG_RELAY_REFUSED", retryable: true });
    expect(error.message).toContain("exceeded rate limits");
  });

  it("answers something else than a relay: the words are quoted", async () => {
    await start();
    const server: Server = createServer();
    server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\nmaintenance until noon"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const call = bus.client({ urls: [url] }).call(NODE, "zos.system.version", undefined, { timeoutMs: 100 });
    const error = await failureOf(call);
    expect(error.facts[url]).toBe('HTTP 503 "maintenance until noon"');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("closing the client", () => {
  it("ends waiting calls and refuses new ones", async () => {
    await start();
    bus.peer.handle("slow", () => new Promise(() => undefined));
    const client = bus.client();
    await client.call(NODE, "zos.system.version");
    const waiting = failureOf(client.call(NODE, "slow"));
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    expect(await waiting).toMatchObject({ code: "TFG_RELAY_UNREACHABLE" });
    expect(await failureOf(client.call(NODE, "slow"))).toMatchObject({ code: "TFG_RELAY_UNREACHABLE" });
    expect(bus.relay.connectionCount()).toBe(1);
  });
});
