import { randomBytes } from "node:crypto";
import { RpcRefusal } from "../block/refusal";

/** A stream of notifications to one client. */
export interface Subscription {
  readonly id: string;
  /** Sends the next result. */
  send(result: unknown): void;
}

/** Most subscriptions a client may have open. @source substrate node defaults */
const LIMIT = 1024;

/**
 * One client's side of the transport: its open subscriptions. Notifications made while a request is being answered
 * wait for the answer, since the client learns the subscription's id from it.
 */
export class Connection {
  readonly #write: (message: object) => void;
  readonly #closers = new Map<string, () => void>();
  #held: object[] | undefined;

  constructor(write: (message: object) => void) {
    this.#write = write;
  }

  /** Answers a request, then lets go of the notifications it caused. */
  answer(respond: () => object | undefined): void {
    this.#held = [];
    const response = respond();
    const held = this.#held;
    this.#held = undefined;
    if (response) this.#write(response);
    for (const message of held) this.#write(message);
  }

  /** Opens a subscription; `method` names its notifications, `start` begins it and gives what ends it. */
  open(method: string, start: (subscription: Subscription) => () => void): string {
    if (this.#closers.size >= LIMIT) throw new RpcRefusal(-32006, "Too many subscriptions on the connection");
    const id = randomBytes(8).toString("base64url");
    const send = (result: unknown) => this.#notify({ jsonrpc: "2.0", method, params: { subscription: id, result } });
    this.#closers.set(id, () => undefined);
    this.#closers.set(id, start({ id, send }));
    return id;
  }

  /** Ends a subscription; false when there is none of that id. */
  close(id: unknown): boolean {
    const closer = typeof id === "string" ? this.#closers.get(id) : undefined;
    if (!closer || typeof id !== "string") return false;
    this.#closers.delete(id);
    closer();
    return true;
  }

  /** Ends every subscription. */
  closeAll(): void {
    for (const id of [...this.#closers.keys()]) this.close(id);
  }

  #notify(message: object): void {
    if (this.#held) this.#held.push(message);
    else this.#write(message);
  }
}
