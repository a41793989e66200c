import { systemClock } from "../../../lib/core/clock";
import { NodePeer } from "../../../lib/devgrid/node/peer";
import { type Envelope, JSON_SCHEMA, signEnvelope, verifyEnvelope } from "../../../lib/model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../../lib/model/envelope-codec";
import type { KeyPair } from "../../../lib/model/key-pair";
import { MessageCipher } from "../../../lib/model/message-encryption";
import type { Twin } from "../../../lib/model/twin";
import { accountOf, NODE, twinOf, USER } from "../../support/message-bus";

let user: KeyPair;
let node: KeyPair;
let peer: NodePeer;
let twins: Map<number, Twin>;

beforeEach(async () => {
  user = await accountOf(1, "sr25519");
  node = await accountOf(2);
  twins = new Map([
    [USER, twinOf(USER, user, { relay: "user.relay", encryptionKey: undefined })],
    [NODE, twinOf(NODE, node, { relay: "one.relay_two.relay" })],
  ]);
  const ledger = { getTwin: (twinId: number) => twins.get(twinId) };
  peer = new NodePeer({ keys: node, twinId: NODE, ledger, clock: systemClock });
  peer.handle("echo", async (twin, payload) => ({ twin, payload: payload.toString() }));
  peer.handle("fails", async () => {
    throw new Error("could not reserve ip");
  });
});

function request(changes: Partial<Envelope> = {}): Envelope {
  return {
    uid: "u1",
    timestampSec: 5,
    expirationSec: 1,
    source: { twinId: USER, session: "s" },
    destination: { twinId: NODE },
    message: { kind: "request", command: "echo" },
    payload: { kind: "plain", bytes: Buffer.from("hi") },
    schema: JSON_SCHEMA,
    relays: [],
    ...changes,
  };
}

async function answerTo(envelope: Envelope): Promise<Envelope | undefined> {
  const bytes = await peer.receive(encodeEnvelope(envelope));
  return bytes && decodeEnvelope(bytes);
}

const text = (envelope: Envelope | undefined) => Buffer.from(envelope?.payload?.bytes ?? []).toString();

describe("a node", () => {
  it("answers a request, however old, to the session it came from", async () => {
    const answer = await answerTo(signEnvelope(request(), user));
    expect(answer).toMatchObject({
      uid: "u1",
      expirationSec: 300,
      source: { twinId: NODE },
      destination: { twinId: USER, session: "s" },
      message: { kind: "response" },
      schema: "application/json",
      federation: "user.relay",
      relays: ["one.relay", "two.relay"],
    });
    expect(answer?.source).not.toHaveProperty("session");
    expect(answer?.payload?.kind).toBe("plain");
    expect(JSON.parse(text(answer))).toEqual({ twin: USER, payload: "hi" });
    expect(answer?.signature?.[0]).toBe("e".charCodeAt(0));
    expect(answer && verifyEnvelope(answer, node.publicKey)).toBe(true);
  });

  it("answers a command without result with null, and takes an empty payload", async () => {
    peer.handle("nothing", async () => undefined);
    const empty = { kind: "plain", bytes: Buffer.alloc(0) } as const;
    const asked = request({ message: { kind: "request", command: "nothing" }, payload: empty });
    expect(text(await answerTo(signEnvelope(asked, user)))).toBe("null");
  });

  it.each([
    ["fails", "could not reserve ip"],
    ["zos.unknown", "function is not found"],
    ["", "function is not found"],
  ])("answers the failure of %j with code 0, its text, and null", async (command, said) => {
    const answer = await answerTo(signEnvelope(request({ message: { kind: "request", command } }), user));
    expect(answer?.message).toEqual({ kind: "error", code: 0, text: said });
    expect(text(answer)).toBe("null");
    expect(answer && verifyEnvelope(answer, node.publicKey)).toBe(true);
  });

  it("answers encrypted when the caller's twin has a key, also to a plain request", async () => {
    twins.set(USER, twinOf(USER, user));
    const cipher = new MessageCipher(user.miniSecret);
    const sealed = { kind: "cipher", bytes: cipher.encryptFor(peer.encryptionKey, Buffer.from("hi")) } as const;
    for (const asked of [
      request(),
      request({ payload: sealed }),
      request({ message: { kind: "request", command: "fails" } }),
    ]) {
      const answer = await answerTo(signEnvelope(asked, user));
      expect(answer?.payload?.kind).toBe("cipher");
      const opened = cipher.decryptFrom(peer.encryptionKey, answer?.payload?.bytes ?? Buffer.alloc(0));
      expect(JSON.parse(opened?.toString() ?? "")).toEqual(
        answer?.message?.kind === "error" ? null : { twin: USER, payload: "hi" },
      );
    }
  });

  it.each<[string, (good: Envelope) => Envelope | Promise<Envelope>]>([
    ["with a bad signature", (good) => ({ ...signEnvelope(good, user), uid: "u2" })],
    ["without a signature", (good) => good],
    ["signed by someone else", async (good) => signEnvelope(good, await accountOf(9))],
    ["from an unknown twin", (good) => signEnvelope({ ...good, source: { twinId: 55 } }, user)],
    ["from nobody", (good) => signEnvelope({ ...good, source: undefined }, user)],
    ["with another schema", (good) => signEnvelope({ ...good, schema: "application/json; charset=utf-8" }, user)],
    ["without a schema", (good) => signEnvelope({ ...good, schema: undefined }, user)],
    ["without a payload", (good) => signEnvelope({ ...good, payload: undefined }, user)],
    ["that is no request", (good) => signEnvelope({ ...good, message: { kind: "response" } }, user)],
    ["encrypted by a twin that has no key", (good) => signEnvelope({ ...good, payload: cipherOf(user) }, user)],
    [
      "encrypted for someone else",
      async (good) => {
        twins.set(USER, twinOf(USER, user));
        return signEnvelope(
          { ...good, payload: cipherOf(user, new MessageCipher((await accountOf(9)).miniSecret)) },
          user,
        );
      },
    ],
    [
      "encrypted, when it runs without encryption",
      (good) => {
        twins.set(USER, twinOf(USER, user));
        twins.set(NODE, twinOf(NODE, node, { encryptionKey: undefined }));
        return signEnvelope({ ...good, payload: cipherOf(user) }, user);
      },
    ],
  ])("says nothing to a message %s", async (_, spoil) => {
    expect(await answerTo(await spoil(request()))).toBeUndefined();
    expect(await answerTo(signEnvelope(request(), user))).toBeDefined();
  });

  it("says nothing to bytes that are no envelope", async () => {
    expect(await peer.receive(Buffer.from("ff", "hex"))).toBeUndefined();
  });
});

function cipherOf(from: KeyPair, to: { publicKey: Uint8Array } = { publicKey: peer.encryptionKey }) {
  const bytes = new MessageCipher(from.miniSecret).encryptFor(to.publicKey, Buffer.from("hi"));
  return { kind: "cipher", bytes } as const;
}
