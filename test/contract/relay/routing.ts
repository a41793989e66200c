import type { Envelope } from "../../../lib/model/envelope";
import { encodeEnvelope } from "../../../lib/model/envelope-codec";
import { fresh } from "../accounts";
import { type BusGround, nowSec } from "./bus-ground";
import { request } from "./messages";
import type { RawSession } from "./raw-session";
import { NO_TWIN } from "./tokens";

/** An unknown field, number 99: what a relay does not know it must not drop. */
const FUTURE_FIELD = Buffer.from([0x9a, 0x06, 0x03, 0x6e, 0x65, 0x77]);

/** What a relay does with an envelope. */
export function routing(bus: () => BusGround): void {
  const twinOf = (role: "caller" | "callee" | "hermit") => bus().party(role).twin.twinId;

  describe("delivery", () => {
    test("hands an envelope over byte by byte, whatever it holds", async () => {
      const sender = await bus().open(bus().party("caller"), fresh());
      const receiver = await bus().open(bus().party("callee"), fresh());
      const strange = request(sender.address, receiver.address, {
        timestampSec: 1,
        expirationSec: 1,
        schema: "text/strange",
        tags: "any, words",
        signature: Buffer.alloc(65, 7),
        payload: { kind: "cipher", bytes: Buffer.from([0, 1, 2, 255]) },
        federation: "elsewhere.example.org",
        relays: ["b.example.org", "a.example.org"],
      });
      const bytes = Buffer.concat([FUTURE_FIELD, encodeEnvelope(strange)]);
      sender.send(bytes);
      expect((await receiver.next()).bytes.toString("hex")).toBe(bytes.toString("hex"));
    });

    test.each<Envelope["message"]>([{ kind: "response" }, { kind: "error", code: 102, text: "too late" }])(
      "carries answers as it carries requests: %j",
      async (message) => {
        const sender = await bus().open(bus().party("callee"), fresh());
        const receiver = await bus().open(bus().party("caller"), fresh());
        const answer = request(sender.address, receiver.address, { message });
        sender.send(answer);
        expect((await receiver.next()).envelope).toMatchObject({ uid: answer.uid, message });
      },
    );

    test("takes a megabyte", async () => {
      const sender = await bus().open(bus().party("caller"), fresh());
      const receiver = await bus().open(bus().party("callee"), fresh());
      const bytes = Buffer.alloc(1024 * 1024, "x");
      sender.send(request(sender.address, receiver.address, { payload: { kind: "plain", bytes } }));
      expect((await receiver.next()).envelope.payload?.bytes).toHaveLength(bytes.length);
    });

    test("keeps messages for a session that is not connected, and hands them over when it is", async () => {
      const sender = await bus().open(bus().party("caller"), fresh());
      const late = { twinId: twinOf("callee"), session: fresh() };
      // The word is case sensitive: neither of these asks for an answer at once.
      const messages = [request(sender.address, late), request(sender.address, late, { tags: "Fail-Fast" })];
      for (const message of messages) sender.send(message);
      expect(await sender.drain()).toEqual([]);
      const receiver = await bus().open(bus().party("callee"), late.session);
      const came = [await receiver.next(), await receiver.next()].map(({ envelope }) => envelope.uid);
      expect(came.sort()).toEqual(messages.map(({ uid }) => uid).sort());
    });
  });

  describe("errors of the relay", () => {
    const cases: [string, string, (session: RawSession) => Envelope][] = [
      [
        "from another twin than the connection's",
        "message wrong source",
        ({ address }) => request({ ...address, twinId: twinOf("callee") }, { twinId: twinOf("callee") }),
      ],
      [
        "from another session than the connection's",
        "message wrong source",
        ({ address }) => request({ twinId: address.twinId }, { twinId: twinOf("callee") }),
      ],
      ["to nobody", "message with missing destination", ({ address }) => request(address, undefined)],
      ["to twin 0", "message with missing destination", ({ address }) => request(address, { twinId: 0 })],
      [
        "to a twin that does not exist",
        "unknown twin destination",
        ({ address }) => request(address, { twinId: NO_TWIN }),
      ],
      [
        "to a twin without a relay",
        "relay info is not set for this twin",
        ({ address }) => request(address, { twinId: twinOf("hermit"), session: fresh() }),
      ],
      [
        "that must not wait, to a session that is not connected",
        "destination offline",
        ({ address }) => request(address, { twinId: twinOf("callee"), session: fresh() }, { tags: "fail-fast" }),
      ],
      [
        "that must not wait, said among other words",
        "destination offline",
        ({ address }) => request(address, { twinId: twinOf("callee"), session: fresh() }, { tags: "x,fail-fast y" }),
      ],
    ];

    test.each(cases)("answer a request %s: %s", async (_, text, make) => {
      const session = await bus().open(bus().party("caller"), fresh());
      const refused = make(session);
      session.send(refused);
      const { envelope } = await session.next();
      expect(envelope).toMatchObject({
        uid: refused.uid,
        message: { kind: "error", code: 0, text },
        destination: session.address,
        expirationSec: 300,
      });
      // Relays have neither a twin nor a key.
      expect(envelope.source?.twinId ?? 0).toBe(0);
      expect(envelope.signature ?? []).toHaveLength(0);
      expect(Math.abs(envelope.timestampSec - nowSec())).toBeLessThan(120);
    });

    test("come only in answer to requests", async () => {
      const session = await bus().open(bus().party("caller"), fresh());
      const elsewhere = { twinId: NO_TWIN };
      session.send(request(session.address, elsewhere, { message: { kind: "response" } }));
      session.send(request(session.address, elsewhere, { message: { kind: "error", code: 0, text: "no" } }));
      session.send(request(elsewhere, elsewhere, { message: { kind: "response" } }));
      const asked = request(session.address, elsewhere);
      session.send(asked);
      expect((await session.next()).envelope.uid).toBe(asked.uid);
      expect(await session.drain()).toEqual([]);
    });
  });

  describe("federation", () => {
    const post = (body: Uint8Array) => bus().http("/", { method: "POST", body });

    test("takes an envelope from another relay and delivers it", async () => {
      const receiver = await bus().open(bus().party("callee"), fresh());
      const message = request({ twinId: twinOf("caller"), session: "elsewhere" }, receiver.address);
      expect((await post(encodeEnvelope(message))).status).toBe(202);
      expect((await receiver.next()).envelope.uid).toBe(message.uid);
    });

    test("says when the destination of an urgent one is offline, and when it is no envelope", async () => {
      const offline = { twinId: twinOf("callee"), session: fresh() };
      const urgent = request({ twinId: twinOf("caller") }, offline, { tags: "fail-fast" });
      const refused = await post(encodeEnvelope(urgent));
      expect([refused.status, (await refused.text()).trim()]).toEqual([404, "destination offline"]);
      const nonsense = await post(Uint8Array.of(0xff, 0xff));
      expect(nonsense.status).toBe(400);
      expect(await nonsense.text()).toMatch(/^bad request: /);
    });

    test("is the only route beside the metrics", async () => {
      const other = await bus().http("/nothing/here");
      expect([other.status, (await other.text()).trim()]).toEqual([404, "page not found"]);
      expect((await bus().http("/metrics")).status).toBe(200);
    });
  });
}
