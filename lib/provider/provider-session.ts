import { randomBytes } from "node:crypto";
import { withDeadline } from "../core/backoff";
import { type Clock, systemClock } from "../core/clock";
import { GridError, hasCode } from "../core/errors";
import type { Log } from "../core/log";
import type { Secret } from "../core/secret";
import type { EngineContext } from "../engine/context";
import { Endings } from "../engine/endings";
import { OwnContracts } from "../engine/own-contracts";
import type { ChainClient, GridClients, ImageHub } from "../grid/clients";
import { HttpImageHub } from "../grid/hub/http-image-hub";
import type { Contract } from "../model/contract";
import { type GridEndpoints, isGridNetwork, networkEndpoints } from "../model/grid-network";
import { KeyDerivation } from "../model/key-derivation";
import type { KeyPair } from "../model/key-pair";
import { readAccountSecret } from "./account-secret";
import { Claims } from "./claims";
import { ContractLoader } from "./contract-loader";
import { findOrStartDevgrid } from "./devgrid-door";
import { unknownNetwork } from "./provider-schema";
import type { CallContext } from "./resource";
import { Attributes } from "./schema/attributes";
import { isWhollyKnown, type ObjectValue } from "./schema/value";
import type { Account, Session } from "./session";

/** Where a session may look beside its configuration; tests give their own. */
export interface SessionEnvironment {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where progress is reported. */
  readonly log: Log;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default hubs over HTTP */
  readonly images?: ImageHub;
}

/** More than all clients together take to give up. */
const CONNECT_MS = 300_000;

/** What a connected session holds. */
interface Connection {
  readonly clients: GridClients;
  readonly chain: ChainClient;
  readonly account: Account;
  readonly ownContracts: OwnContracts;
}

/** One walk's view of the grid: connects on first use and once. */
export class ProviderSession implements Session {
  readonly claims = new Claims();
  readonly #config: ObjectValue;
  readonly #environment: SessionEnvironment;
  readonly #endings = new Endings();
  readonly #contracts = new ContractLoader(async () => (await this.#connected()).chain);
  readonly #images: ImageHub;
  #connection: Promise<Connection> | undefined;

  constructor(config: ObjectValue, environment: SessionEnvironment) {
    this.#config = config;
    this.#environment = environment;
    this.#images = environment.images ?? new HttpImageHub();
  }

  async account(signal: AbortSignal): Promise<Account> {
    return (await this.#connected(signal)).account;
  }

  async engine(call: CallContext): Promise<EngineContext> {
    const { clients, chain, account, ownContracts } = await this.#connected(call.signal);
    return {
      chain,
      nodes: () => clients.nodes(),
      directory: clients.directory,
      resolveHost: (host) => clients.resolveHost(host, call.signal),
      twinId: account.twinId,
      ownContracts,
      endings: this.#endings,
      images: this.#images,
      clock: this.#environment.clock ?? systemClock,
      log: this.#environment.log,
      randomHex: (bytes) => randomBytes(bytes).toString("hex"),
      signal: call.signal,
      warn: (summary, detail) => call.warn(summary, detail),
    };
  }

  async getContract(contractId: number, signal: AbortSignal): Promise<Contract | undefined> {
    return this.#contracts.load(contractId, signal);
  }

  wasRead(contractId: number): boolean {
    return this.#contracts.wasAsked(contractId);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    // A session that never connected, or failed to, has nothing open.
    const opened = await connection?.catch(() => undefined);
    await opened?.clients.close();
  }

  /** The one connection of the walk. Whoever is interrupted stops waiting for it; others may go on. */
  async #connected(signal?: AbortSignal): Promise<Connection> {
    this.#connection ??= this.#connect().catch((error) => {
      // A failed connection is forgotten, so that the next object tries again.
      this.#connection = undefined;
      throw error;
    });
    const onTimeout = () => new Error("unreachable: every client gives up before this");
    return withDeadline(this.#connection, { ms: CONNECT_MS, signal, onTimeout });
  }

  async #connect(): Promise<Connection> {
    if (!isWhollyKnown(this.#config)) throw notConfigured();
    const { env, log, clock = systemClock } = this.#environment;
    const config = new Attributes(this.#config);
    const place = await placeOf(config.text("network") ?? env.THREEFOLD_NETWORK, config);
    const { keyPair, keyRoot } = await readAccountSecret({
      mnemonicFile: config.text("mnemonic_file"),
      keyType: config.text("key_type"),
      env,
      ofNetwork: place.mnemonic,
    });
    // Loaded only now: the chain library costs more than everything else together.
    const { connect } = await import("../grid/connect");
    const clients = connect({ endpoints: place.endpoints, account: keyPair, clock, log });
    try {
      const chain = await clients.chain();
      const twin = await chain.requireTwin();
      const account = describeAccount({ chain, keyPair, keyRoot, network: place.network, twinId: twin.twinId });
      const ownContracts = new OwnContracts(clients.directory, chain, twin.twinId);
      return { clients, chain, account, ownContracts };
    } catch (error) {
      await clients.close();
      throw place.mnemonic && hasCode(error, "TFG_NO_TWIN") ? strangerHere(place.network, error) : error;
    }
  }
}

function describeAccount(parts: {
  readonly chain: ChainClient;
  readonly keyPair: KeyPair;
  readonly keyRoot: Secret;
  readonly network: string;
  readonly twinId: number;
}): Account {
  const { chain, keyPair, keyRoot, network, twinId } = parts;
  return {
    twinId,
    genesisHash: chain.genesisHash,
    address: keyPair.address,
    network,
    keys: (scope) => new KeyDerivation(keyRoot, chain.genesisHash, scope),
  };
}

/** Which grid is meant, and where it is. */
interface Place {
  /** The user's word for it: a network's name, or the chain's URL when only URLs are given. */
  readonly network: string;
  readonly endpoints: GridEndpoints;
  /** Of a network that brings its own account. */
  readonly mnemonic: Secret | undefined;
}

/** Endpoints of the network, each kind replaced by explicit ones; devgrid also brings its account. */
async function placeOf(given: string | undefined, config: Attributes): Promise<Place> {
  const explicit = {
    chain: config.texts("chain_urls"),
    relay: config.texts("relay_urls"),
    directory: config.texts("directory_urls"),
  };
  const dns = config.texts("dns_servers");
  const isExplicit = Object.values(explicit).every((urls) => urls.length > 0);
  if (isExplicit) {
    return { network: given ?? hostOf(explicit.chain), endpoints: { ...explicit, dns }, mnemonic: undefined };
  }
  const network = given ?? "main";
  const known: { readonly endpoints: GridEndpoints; readonly mnemonic?: Secret } =
    network === "devgrid" ? await findOrStartDevgrid() : { endpoints: endpointsOf(network, config) };
  return {
    network,
    endpoints: {
      chain: explicit.chain.length > 0 ? explicit.chain : known.endpoints.chain,
      relay: explicit.relay.length > 0 ? explicit.relay : known.endpoints.relay,
      directory: explicit.directory.length > 0 ? explicit.directory : known.endpoints.directory,
      dns: dns.length > 0 ? dns : known.endpoints.dns,
    },
    mnemonic: known.mnemonic,
  };
}

/** An endpoint as it may be shown and kept: without credentials. */
function hostOf([url = ""]: readonly string[]): string {
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : "explicit URLs";
}

function endpointsOf(network: string, config: Attributes): GridEndpoints {
  const source = config.text("network") === undefined ? "THREEFOLD_NETWORK" : "network";
  if (!isGridNetwork(network)) throw unknownNetwork(network, source);
  return networkEndpoints(network);
}

function notConfigured(): GridError {
  return new GridError({
    code: "TFG_NOT_CONFIGURED",
    summary: "The provider block depends on values that are not known yet.",
    standing: "Nothing was started.",
    remedy: "give network, key type and endpoints as plain values, or apply what they depend on first.",
  });
}

/** The user's own account, on a network that lends one. */
function strangerHere(network: string, cause: GridError): GridError {
  return new GridError({
    code: "TFG_NO_TWIN",
    summary: `The account that is configured has no twin on ${network}.`,
    facts: cause.facts,
    standing: "Nothing was started.",
    remedy: `unset MNEMONIC, THREEFOLD_MNEMONIC and mnemonic_file: ${network} brings an account of its own.`,
    cause,
  });
}
