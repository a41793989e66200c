import type { Clock } from "../../core/clock";
import { type Address, type Envelope, isFailFast, isSameAddress } from "../../model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../model/envelope-codec";
import type { Ledger } from "../ledger";
import { type Lane, Wire } from "../wire/wire";
import { type Connection, Mailbox } from "./mailbox";
import { RateLimit, type RateLimitOptions } from "./rate-limit";
import { answerError, answerPing } from "./relay-answers";
import { RelayFaults } from "./relay-faults";
import { Traffic } from "./traffic";

/** What the relay needs to know of the chain. */
export type TwinRegister = Pick<Ledger, "getTwin">;

/** What the routing depends on. */
export interface SwitchboardOptions {
  readonly ledger: TwinRegister;
  readonly clock: Clock;
  /** @default no limit, as real relays are run */
  readonly rateLimit?: RateLimitOptions;
}

/** Idle mailboxes are swept when there are this many. */
const SWEEP_AT = 1000;

/**
 * The routing rules of a relay, without any transport: who may send what to whom, and what becomes of it. Signatures,
 * life time, schema and payload are none of its business.
 *
 * @source rmb-rs src/relay/api.rs
 */
export class Switchboard {
  /** What came in so far. */
  readonly traffic = new Traffic();
  /** What goes wrong on purpose. */
  readonly faults = new RelayFaults();
  /** What every delivery passes. */
  readonly wire: Wire;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #lanes = new Map<string, Lane>();
  readonly #rateLimit: RateLimit;

  constructor(private readonly options: SwitchboardOptions) {
    this.wire = new Wire(options.clock);
    this.#rateLimit = new RateLimit(options.clock, options.rateLimit);
  }

  /** Opens a mailbox; a former connection of the same twin and session is closed. */
  connect(address: Address, connection: Connection): void {
    this.#mailbox(address).connect(connection, this.options.clock.now());
  }

  /** The connection is gone: what comes now is queued. */
  disconnect(address: Address, connection: Connection): void {
    this.#mailbox(address).disconnect(connection);
  }

  /** False once the mailbox was taken over or left. */
  isHeldBy(address: Address, connection: Connection): boolean {
    return this.#mailbox(address).isHeldBy(connection);
  }

  /** True while someone takes delivery at that address. */
  isConnected(address: Address): boolean {
    return this.#mailboxes.get(nameOf(address))?.isConnected ?? false;
  }

  /** How many mailboxes are being served. */
  connectionCount(): number {
    return [...this.#mailboxes.values()].filter((mailbox) => mailbox.isConnected).length;
  }

  /** Takes an envelope from a connection. @throws {GridError} TFG_MALFORMED_MESSAGE: the connection must be closed */
  receive(from: Address, bytes: Uint8Array): void {
    const envelope = decodeEnvelope(bytes);
    this.traffic.record(envelope, bytes.length);
    if (this.faults.swallows(envelope)) return;
    const refusal = this.#rateLimit.admits(from.twinId, bytes.length)
      ? this.#route(from, envelope, bytes)
      : "exceeded rate limits, dropping message";
    const answer = refusal && answerError(envelope, refusal, Math.floor(this.options.clock.now() / 1000));
    if (answer) this.#push(from, encodeEnvelope({ ...answer, destination: from }));
  }

  /**
   * Takes an envelope from another relay, unchecked as on the real grid. False when it asks for `fail-fast` and the
   * destination is not connected.
   *
   * @throws {GridError} TFG_MALFORMED_MESSAGE
   */
  receiveFederated(bytes: Uint8Array): boolean {
    const envelope = decodeEnvelope(bytes);
    const to = envelope.destination ?? { twinId: 0 };
    this.traffic.record(envelope, bytes.length);
    if (isFailFast(envelope) && !this.isConnected(to)) return false;
    this.#push(to, bytes);
    return true;
  }

  /** Forgets every queue, every connection and what is held back. */
  forget(): void {
    const boxes = [...this.#mailboxes.values()];
    this.#mailboxes.clear();
    this.#lanes.clear();
    this.wire.clear();
    for (const mailbox of boxes) mailbox.cut();
  }

  /** The reason for a refusal, or undefined when the envelope is on its way. */
  #route(from: Address, envelope: Envelope, bytes: Uint8Array): string | undefined {
    if (!isSameAddress(envelope.source, from)) return "message wrong source";
    if (envelope.message?.kind === "ping") {
      this.#push(from, encodeEnvelope(answerPing(envelope)));
      return undefined;
    }
    const to = envelope.destination;
    if (!to?.twinId) return "message with missing destination";
    if (!this.isConnected(to)) {
      const twin = this.options.ledger.getTwin(to.twinId);
      if (!twin) return "unknown twin destination";
      if (twin.relay === undefined) return "relay info is not set for this twin";
      if (isFailFast(envelope)) return "destination offline";
    }
    this.#push(to, bytes);
    return undefined;
  }

  #push(to: Address, bytes: Uint8Array): void {
    this.#lane(to).carry({
      deliver: () => this.#mailbox(to).push(bytes, this.options.clock.now()),
      cut: () => this.#mailbox(to).cut(),
    });
  }

  #lane(address: Address): Lane {
    const name = nameOf(address);
    const lane = this.#lanes.get(name) ?? this.wire.lane();
    this.#lanes.set(name, lane);
    return lane;
  }

  #mailbox(address: Address): Mailbox {
    const name = nameOf(address);
    const known = this.#mailboxes.get(name);
    if (known) return known;
    if (this.#mailboxes.size >= SWEEP_AT) this.#sweep();
    const mailbox = new Mailbox();
    this.#mailboxes.set(name, mailbox);
    return mailbox;
  }

  #sweep(): void {
    for (const [name, mailbox] of this.#mailboxes) {
      mailbox.expire(this.options.clock.now());
      if (!mailbox.isIdle) continue;
      this.#mailboxes.delete(name);
      this.#lanes.delete(name);
    }
  }
}

/** No session and an empty session are two mailboxes. */
function nameOf({ twinId, session }: Address): string {
  return session === undefined ? `${twinId}` : `${twinId}:${session}`;
}
