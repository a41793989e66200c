import { type Clock, systemClock } from "../../lib/core/clock";
import { Secret } from "../../lib/core/secret";
import { NodePeer } from "../../lib/devgrid/node/peer";
import { Relay, type RelayOptions } from "../../lib/devgrid/relay/relay";
import { connectRelay, type RelayClient, type RelayClientOptions } from "../../lib/grid/relay/relay-client";
import { createKeyPair, type KeyPair, type KeyType } from "../../lib/model/key-pair";
import { MessageCipher } from "../../lib/model/message-encryption";
import type { Twin } from "../../lib/model/twin";

/** Twin of the user in these tests. */
export const USER = 7;

/** Twin of the node in these tests. */
export const NODE = 101;

/** The account whose mini-secret is one byte over and over. */
export function accountOf(byte: number, keyType: KeyType = "ed25519"): Promise<KeyPair> {
  return createKeyPair(new Secret(Buffer.alloc(32, byte).toString("hex")), keyType);
}

/** The record that the chain has of such an account. */
export function twinOf(twinId: number, account: KeyPair, changes: Partial<Twin> = {}): Twin {
  const { publicKey: encryptionKey } = new MessageCipher(account.miniSecret);
  return { twinId, accountId: account.publicKey, relay: "relay.devgrid", encryptionKey, ...changes };
}

/** What a test may change about its message bus. */
export interface MessageBusOptions {
  readonly clock?: Clock;
  readonly rateLimit?: RelayOptions["rateLimit"];
  readonly user?: Partial<Twin>;
  readonly node?: Partial<Twin>;
}

/** A relay, one user and one node with `zos.system.version` and `echo`, on the wire of this machine. */
export class MessageBus {
  readonly twins = new Map<number, Twin>();
  readonly #clients: RelayClient[] = [];

  private constructor(
    readonly relay: Relay,
    readonly peer: NodePeer,
    readonly userKeys: KeyPair,
    readonly nodeKeys: KeyPair,
  ) {}

  static async start(options: MessageBusOptions = {}): Promise<MessageBus> {
    const userKeys = await accountOf(1, "sr25519");
    const nodeKeys = await accountOf(2);
    const clock = options.clock ?? systemClock;
    const ledger = { getTwin: (twinId: number) => bus.twins.get(twinId) };
    const relay = await Relay.start({ ledger, clock, rateLimit: options.rateLimit });
    const peer = new NodePeer({ keys: nodeKeys, twinId: NODE, ledger, clock });
    const bus = new MessageBus(relay, peer, userKeys, nodeKeys);
    bus.twins.set(USER, twinOf(USER, userKeys, options.user));
    bus.twins.set(NODE, twinOf(NODE, nodeKeys, options.node));
    peer.handle("zos.system.version", async () => ({ zos: "3.14.0" }));
    peer.handle("echo", async (twin, payload) => ({ twin, payload: payload.toString() }));
    peer.connect(relay);
    return bus;
  }

  /** Another client of the user; closed with the bus. */
  client(options: Partial<RelayClientOptions> = {}): RelayClient {
    const client = connectRelay({
      urls: [this.relay.url],
      account: this.userKeys,
      twin: this.twin(USER),
      twins: async (twinId) => this.twins.get(twinId),
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** A twin that is known to exist. */
  twin(twinId: number): Twin {
    const twin = this.twins.get(twinId);
    if (!twin) throw new Error(`no twin ${twinId}`);
    return twin;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.relay.close();
  }
}
