import { type Envelope, FAIL_FAST, signEnvelope, verifyEnvelope } from "../../../lib/model/envelope";
import { fresh } from "../accounts";
import { type BusGround, nowSec } from "./bus-ground";
import type { RawSession } from "./raw-session";
import { NO_TWIN } from "./tokens";

/** The client under test, talking to a bare websocket that plays a node. */
export function client(bus: () => BusGround): void {
  /** What the callee, whose main mailbox this is, makes of the next request: checked and decrypted. */
  async function take(node: RawSession): Promise<{ asked: Envelope; text: string }> {
    const { envelope: asked } = await node.next();
    const { cipher } = bus().party("callee");
    const { twin } = bus().party("caller");
    expect(verifyEnvelope(asked, twin.accountId)).toBe(true);
    const { payload } = asked;
    const bytes =
      payload?.kind === "cipher"
        ? cipher.decryptFrom(twin.encryptionKey ?? Buffer.alloc(0), payload.bytes)
        : payload?.bytes;
    return { asked, text: Buffer.from(bytes ?? []).toString() };
  }

  function answer(node: RawSession, asked: Envelope, changes: Partial<Envelope> = {}): void {
    const { account, cipher } = bus().party("callee");
    const { twin } = bus().party("caller");
    const bytes = cipher.encryptFor(twin.encryptionKey ?? Buffer.alloc(0), Buffer.from('{"fine":true}'));
    const envelope: Envelope = {
      ...asked,
      tags: undefined,
      timestampSec: nowSec(),
      source: asked.destination,
      destination: asked.source,
      message: { kind: "response" },
      payload: { kind: "cipher", bytes },
      ...changes,
    };
    node.send(signEnvelope(envelope, account));
  }

  describe("the client of this package", () => {
    test("encrypts what it asks and reads what it is answered", async () => {
      const { twin } = bus().party("callee");
      const node = await bus().open(bus().party("callee"));
      const caller = bus().client(bus().party("caller"));
      const calling = caller.call(twin.twinId, "contract.add", { numbers: [1, 2] });
      const { asked, text } = await take(node);
      expect(asked).toMatchObject({
        message: { kind: "request", command: "contract.add" },
        payload: { kind: "cipher" },
        tags: FAIL_FAST,
        source: { twinId: bus().party("caller").twin.twinId, session: expect.any(String) },
      });
      expect(JSON.parse(text)).toEqual({ numbers: [1, 2] });
      answer(node, asked);
      expect(await calling).toEqual({ fine: true });
    });

    test("goes on waiting when somebody else answers", async () => {
      const { twin } = bus().party("callee");
      const node = await bus().open(bus().party("callee"));
      const stranger = await bus().open(bus().party("plain"), fresh());
      const calling = bus().client(bus().party("caller")).call(twin.twinId, "contract.hello");
      const { asked } = await take(node);
      const forged = {
        ...asked,
        source: stranger.address,
        destination: asked.source,
        message: { kind: "response" },
      } as const;
      stranger.send(signEnvelope(forged, bus().party("plain").account));
      expect(await stranger.drain()).toEqual([]);
      answer(node, asked);
      expect(await calling).toEqual({ fine: true });
    });

    test("gives the error a node answers with", async () => {
      const { twin } = bus().party("callee");
      const node = await bus().open(bus().party("callee"));
      const calling = bus().client(bus().party("caller")).call(twin.twinId, "contract.hello");
      const { asked } = await take(node);
      answer(node, asked, { message: { kind: "error", code: 0, text: "no thanks" } });
      await expect(calling).rejects.toMatchObject({ code: "TFG_NODE_REFUSED", facts: { "node said": "no thanks" } });
    });

    test("says at once that nobody is there", async () => {
      const { twin } = bus().party("plain");
      const calling = bus().client(bus().party("caller")).call(twin.twinId, "contract.hello");
      await expect(calling).rejects.toMatchObject({
        code: "TFG_NODE_UNREACHABLE",
        facts: { "relay said": expect.stringContaining("destination offline") },
      });
    });

    test("says that there is no such twin", async () => {
      const calling = bus().client(bus().party("caller")).call(NO_TWIN, "contract.hello");
      await expect(calling).rejects.toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    });

    test("says that the relay refuses the account", async () => {
      const { account, twin } = bus().party("plain");
      const impostor = {
        ...bus().party("plain"),
        account,
        twin: { ...bus().party("caller").twin, encryptionKey: undefined },
      };
      const calling = bus().client(impostor).call(twin.twinId, "contract.hello");
      await expect(calling).rejects.toMatchObject({ code: "TFG_RELAY_REFUSED" });
    });
  });
}
