import { poll } from "../../../lib/core/backoff";
import { systemClock } from "../../../lib/core/clock";
import type { ChainClient } from "../../../lib/grid/clients";
import { connectRelay, type RelayClient, type RelayClientOptions } from "../../../lib/grid/relay/relay-client";
import type { Address } from "../../../lib/model/envelope";
import { createRelayToken, type RelayTokenClaims } from "../../../lib/model/relay-token";
import type { Twin } from "../../../lib/model/twin";
import { type ChainUnderTest, clientOf, repay, seedOf } from "../accounts";
import { type Endpoints, requireUrl } from "../endpoints";
import { RawChain } from "../raw-chain";
import { makeParties, type Party, type Role } from "./parties";
import { RawSession } from "./raw-session";

/** A relay learns of new twins with the blocks. */
const TWIN_KNOWN_MS = 90_000;

/** How long a node may take to answer. */
const NODE_MS = 15_000;

/** So many nodes are tried. */
const MAX_CANDIDATES = 64;

/** Everything the relay's contract needs to stand on: four twins, made on the chain that the relay looks at. */
export class BusGround {
  readonly #open: { close(): Promise<void> }[] = [];

  private constructor(
    private readonly endpoints: Endpoints,
    private readonly raw: RawChain,
    private readonly chain: ChainClient,
    private readonly parties: Readonly<Record<Role, Party>>,
  ) {}

  /** Builds it up. Twins that exist already are kept. */
  static async enter(endpoints: Endpoints): Promise<BusGround> {
    const lender = lenderOf(endpoints);
    const chain = await clientOf(lender.url, seedOf(lender, "relay-caller"));
    const raw = await RawChain.connect(lender.url).catch(async (error) => {
      await chain.close();
      throw error;
    });
    try {
      const parties = await makeParties(lender, { raw, chain, relayUrl: requireUrl(endpoints, "relay") });
      const bus = new BusGround(endpoints, raw, chain, parties);
      await Promise.all(Object.values(parties).map((party) => bus.#awaitKnown(party)));
      return bus;
    } catch (error) {
      await Promise.all([raw.close(), chain.close()]);
      throw error;
    }
  }

  /** Address of the relay without slashes at its end. */
  get url(): string {
    return requireUrl(this.endpoints, "relay").replace(/\/+$/, "");
  }

  /** One of the four. */
  party(role: Role): Party {
    return this.parties[role];
  }

  /** A token of a party that is good for a minute. */
  token({ account, twin }: Party, changes: Partial<RelayTokenClaims> = {}): string {
    const issuedAtSec = nowSec();
    const claims = { twinId: twin.twinId, session: undefined, issuedAtSec, expiresSec: issuedAtSec + 60 };
    return createRelayToken(account, { ...claims, ...changes });
  }

  /** Opens a party's mailbox; hung up after the test. */
  open(party: Party, session?: string): Promise<RawSession> {
    return this.openWith(this.token(party, { session }), { twinId: party.twin.twinId, session });
  }

  /** Opens a mailbox with any query string; hung up after the test. */
  async openWith(query: string, address: Address = { twinId: 0 }): Promise<RawSession> {
    const session = await RawSession.open(`${this.url}/?${query}`, address);
    this.#open.push(session);
    return session;
  }

  /** The client under test for a party; closed after the test. */
  client({ account, twin }: Party, changes: Partial<RelayClientOptions> = {}): RelayClient {
    const twins = (twinId: number) => this.chain.getTwin(twinId);
    const client = connectRelay({ urls: [this.url], account, twin, twins, ...changes });
    this.#open.push(client);
    return client;
  }

  /** One of the relay's HTTP routes. */
  http(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url.replace(/^ws/, "http") + path, { ...init, signal: AbortSignal.timeout(15_000) });
  }

  /** A node that answers; undefined when none does, or none is known. */
  async findNode(): Promise<Twin | undefined> {
    const client = this.client(this.parties.caller);
    const answers = (await this.#candidates()).map(async (twinId) => {
      await client.call(twinId, "zos.system.version", undefined, { timeoutMs: NODE_MS });
      return twinId;
    });
    // All of them failing means that there is no node to be had.
    const twinId = await Promise.any(answers).catch(() => undefined);
    await client.close();
    return twinId === undefined ? undefined : this.chain.getTwin(twinId);
  }

  /** Ends the connections of a test. */
  async hangUp(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((connection) => connection.close()));
  }

  /** Ends everything and gives back lent money. */
  async leave(): Promise<void> {
    await this.hangUp();
    const pairs = Object.values(this.parties).map(({ pair }) => pair);
    try {
      await repay(this.raw, lenderOf(this.endpoints), pairs);
    } finally {
      await Promise.all([this.raw.close(), this.chain.close()]);
    }
  }

  async #awaitKnown(party: Party): Promise<void> {
    let refusal: unknown;
    const tryOnce = async () => {
      try {
        await (await this.open(party, "contract-known")).close();
        return true;
      } catch (error) {
        refusal = error;
        if (/^Error: 401 twin not found/.test(String(error))) return undefined;
        throw error;
      }
    };
    const onTimeout = () => new Error(`the relay does not know twin ${party.twin.twinId}: ${refusal}`);
    await poll({ clock: systemClock, firstMs: 200, maxMs: 3_000, deadlineMs: TWIN_KNOWN_MS, onTimeout }, tryOnce);
  }

  /** Twins of nodes: those the directory lists as up, else the newest ones on the chain. */
  async #candidates(): Promise<number[]> {
    const { directory } = this.endpoints;
    if (directory !== undefined) {
      const answer = await fetch(`${directory}/nodes?status=up&size=${MAX_CANDIDATES}`);
      return ((await answer.json()) as { twinId: number }[]).map(({ twinId }) => twinId);
    }
    const newest = Number(await this.raw.read("tfgridModule", "nodeID"));
    const ids = Array.from({ length: MAX_CANDIDATES }, (_, back) => newest - back).filter((id) => id > 0);
    const nodes = await Promise.all(ids.map((id) => this.chain.getNode(id)));
    return nodes.flatMap((node) => (node ? [node.twinId] : []));
  }
}

/** Unix seconds. */
export function nowSec(): number {
  return Math.floor(Date.now() / 1000);
}

function lenderOf(endpoints: Endpoints): ChainUnderTest {
  return { url: requireUrl(endpoints, "chain"), secret: endpoints.secret };
}
