import { randomUUID } from "node:crypto";
import { type Address, type Envelope, JSON_SCHEMA } from "../../../lib/model/envelope";
import { nowSec } from "./bus-ground";

/** A request that a relay takes; nobody signed it. */
export function request(source: Address, destination: Address | undefined, changes: Partial<Envelope> = {}): Envelope {
  return {
    uid: randomUUID(),
    timestampSec: nowSec(),
    expirationSec: 60,
    source,
    destination,
    message: { kind: "request", command: "contract.hello" },
    payload: { kind: "plain", bytes: Buffer.from('"hello"') },
    schema: JSON_SCHEMA,
    relays: [],
    ...changes,
  };
}
