import { randomUUID } from "node:crypto";
import { type Envelope, type EnvelopePayload, signEnvelope, verifyEnvelope } from "../../../lib/model/envelope";
import type { Twin } from "../../../lib/model/twin";
import { fresh } from "../accounts";
import type { BusGround } from "./bus-ground";
import { request } from "./messages";
import type { Party } from "./parties";
import type { RawSession } from "./raw-session";

/** A contract that never was. */
const NO_CONTRACT = { contract_id: 2 ** 40 };

/** What a node answers, put together from nothing but the envelope codec. */
export function nodeCalls(bus: () => BusGround): void {
  let node: Twin;
  const session = () => bus().open(bus().party("caller"), fresh());

  /** A signed request; encrypted when both twins have a key and there is something to encrypt. */
  function call(from: RawSession, party: Party, command: string, payload?: unknown): Envelope {
    const json = Buffer.from(payload === undefined ? "" : JSON.stringify(payload));
    const isEncrypted = node.encryptionKey !== undefined && party.twin.encryptionKey !== undefined && json.length > 0;
    const sealed: EnvelopePayload = isEncrypted
      ? { kind: "cipher", bytes: party.cipher.encryptFor(node.encryptionKey ?? json, json) }
      : { kind: "plain", bytes: json };
    const message = { kind: "request", command } as const;
    return request(from.address, { twinId: node.twinId }, { message, payload: sealed });
  }

  /** What an answer says, once everything about it is as it must be. */
  function read({ envelope }: { envelope: Envelope }, asked: Envelope, party: Party): unknown {
    expect(envelope).toMatchObject({
      uid: asked.uid,
      source: { twinId: node.twinId },
      destination: asked.source,
      schema: "application/json",
    });
    expect(envelope.source?.session).toBeUndefined();
    expect(verifyEnvelope(envelope, node.accountId)).toBe(true);
    const { payload } = envelope;
    const isEncrypted = node.encryptionKey !== undefined && party.twin.encryptionKey !== undefined;
    expect(payload?.kind).toBe(isEncrypted ? "cipher" : "plain");
    const bytes = payload?.bytes ?? Buffer.alloc(0);
    const json = isEncrypted ? party.cipher.decryptFrom(node.encryptionKey ?? bytes, bytes) : bytes;
    return JSON.parse(Buffer.from(json ?? []).toString());
  }

  beforeAll(async () => {
    const found = await bus().findNode();
    if (!found) throw new Error("none of the nodes that are known answers through this relay");
    node = found;
  });

  test.each(["caller", "plain"] as const)(
    "say their version, encrypted when both twins have keys: %s",
    async (role) => {
      const party = bus().party(role);
      const from = await bus().open(party, fresh());
      const asked = call(from, party, "zos.system.version");
      from.send(signEnvelope(asked, party.account));
      const answer = await from.next();
      expect(answer.envelope.message).toEqual({ kind: "response" });
      expect(read(answer, asked, party)).toMatchObject({ zos: expect.stringMatching(/\d/) });
    },
  );

  test("understand an ed25519 account as well", async () => {
    const party = bus().party("callee");
    const from = await bus().open(party, fresh());
    const asked = call(from, party, "zos.system.version");
    from.send(signEnvelope(asked, party.account));
    expect(read(await from.next(), asked, party)).toHaveProperty("zos");
  });

  test.each([
    ["zos.deployment.get", NO_CONTRACT, "deployment not found"],
    ["contract.no.such.function", undefined, "function is not found"],
  ])("answer %s with an error of their own, signed", async (command, payload, text) => {
    const party = bus().party("caller");
    const from = await session();
    const asked = call(from, party, command, payload);
    from.send(signEnvelope(asked, party.account));
    const answer = await from.next();
    expect(answer.envelope.message).toMatchObject({ kind: "error", code: 0, text: expect.stringContaining(text) });
    expect(answer.envelope.source?.twinId).toBe(node.twinId);
    expect(verifyEnvelope(answer.envelope, node.accountId)).toBe(true);
  });

  test("do not answer what the source did not sign, or what they cannot decrypt", async () => {
    const { account } = bus().party("caller");
    const { account: other } = bus().party("plain");
    const from = await session();
    const asked = () => call(from, bus().party("caller"), "zos.system.version");
    from.send(signEnvelope(asked(), other));
    from.send(asked());
    from.send(signEnvelope({ ...asked(), payload: { kind: "cipher", bytes: Buffer.alloc(64) } }, account));
    from.send(signEnvelope({ ...asked(), schema: "text/plain" }, account));
    for (let round = 0; round < 2; round++) {
      const good = asked();
      from.send(signEnvelope(good, account));
      expect((await from.next()).envelope.uid).toBe(good.uid);
    }
    expect(await from.drain()).toEqual([]);
  });

  test("answer the client under test", async () => {
    const client = bus().client(bus().party("caller"));
    expect(await client.call(node.twinId, "zos.system.version")).toMatchObject({ zos: expect.any(String) });
    await expect(client.call(node.twinId, "zos.deployment.get", NO_CONTRACT)).rejects.toMatchObject({
      code: "TFG_NODE_REFUSED",
      facts: { "node said": "deployment not found" },
    });
  });

  test("answer fifty calls at a time over one connection, each its own", async () => {
    const client = bus().client(bus().party("callee"), { session: `many-${randomUUID().slice(0, 8)}` });
    const contracts = Array.from({ length: 50 }, (_, index) => 2 ** 40 + index);
    const answers = await Promise.allSettled(
      contracts.map((contract_id) => client.call(node.twinId, "zos.deployment.get", { contract_id })),
    );
    const texts = answers.map((answer) => answer.status === "rejected" && answer.reason.facts["node said"]);
    expect(new Set(texts)).toEqual(new Set(["deployment not found"]));
  });
}
