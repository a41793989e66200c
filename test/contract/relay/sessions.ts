import { randomUUID } from "node:crypto";
import { fresh } from "../accounts";
import { type BusGround, nowSec } from "./bus-ground";
import { request } from "./messages";

/** Mailboxes: who holds them, and how a connection ends. */
export function sessions(bus: () => BusGround): void {
  describe("sessions", () => {
    test("a ping comes back as a pong, source and destination swapped", async () => {
      const session = await bus().open(bus().party("caller"), fresh());
      const uid = randomUUID();
      const ping = { uid, timestampSec: nowSec(), expirationSec: 40, relays: [] };
      session.send({ ...ping, source: session.address, destination: { twinId: 0 }, message: { kind: "ping" } });
      const { envelope } = await session.next();
      expect(envelope).toMatchObject({ uid, destination: session.address, message: { kind: "pong" } });
      expect(envelope.source?.twinId ?? 0).toBe(0);
      expect(Buffer.from(envelope.payload?.bytes ?? []).toString()).toBe("hello world");
    });

    test("the websocket's own pings are answered too", async () => {
      const session = await bus().open(bus().party("caller"), fresh());
      expect(await session.controlPing("still there?")).toBe("still there?");
    });

    test("a new connection takes the mailbox over, and the old one is closed", async () => {
      const caller = bus().party("caller");
      const name = fresh();
      const first = await bus().open(caller, name);
      const neighbour = await bus().open(caller, fresh());
      const second = await bus().open(caller, name);
      await first.closedByRelay();
      const message = request(neighbour.address, second.address);
      neighbour.send(message);
      expect((await second.next()).envelope.uid).toBe(message.uid);
      expect(await neighbour.drain()).toEqual([]);
    });

    test("a named session, an empty name and no name are three mailboxes of one twin", async () => {
      const callee = bus().party("callee");
      const boxes = [await bus().open(callee, fresh()), await bus().open(callee, ""), await bus().open(callee)];
      const sender = await bus().open(bus().party("caller"), fresh());
      for (const box of boxes) {
        const message = request(sender.address, box.address);
        sender.send(message);
        expect((await box.next()).envelope.uid).toBe(message.uid);
      }
      for (const box of boxes) expect(await box.drain()).toEqual([]);
    });

    test("a text frame ends the connection", async () => {
      const session = await bus().open(bus().party("caller"), fresh());
      session.sendText("hello");
      await session.closedByRelay();
    });

    test("bytes that are no envelope end the connection", async () => {
      const session = await bus().open(bus().party("caller"), fresh());
      session.send(Buffer.from([0xff, 0xff, 0xff]));
      await session.closedByRelay();
    });
  });
}
