import { type Clock, systemClock } from "../core/clock";
import { type Log, silentLog } from "../core/log";
import type { GridEndpoints } from "../model/grid-network";
import type { KeyPair } from "../model/key-pair";
import type { ChainClient, GridClients, NodeClient } from "./clients";
import { createDirectoryClient } from "./directory/directory-client";
import { resolveHost } from "./dns/resolve-host";

/** Which grid, and whose key. */
export interface ConnectOptions {
  /** Where its services are. */
  readonly endpoints: GridEndpoints;
  /** Signs extrinsics, tokens and messages. */
  readonly account: KeyPair;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default writes nothing */
  readonly log?: Log;
}

/**
 * The clients of a grid. Opens nothing and loads no chain library before the first question; a connection that failed is
 * forgotten, so that the next question tries again. Usable again after `close`.
 */
export function connect(options: ConnectOptions): GridClients {
  const { endpoints, account, clock = systemClock, log = silentLog } = options;
  const chain = new Once(() => openChain(endpoints, { account, clock, log }));
  const nodes = new Once(async () => openNodes(endpoints, await chain.get(), { account, clock, log }));
  return {
    chain: () => chain.get(),
    nodes: () => nodes.get(),
    directory: createDirectoryClient({ urls: endpoints.directory, clock, log }),
    resolveHost: (host, signal) => resolveHost(endpoints.dns ?? [], host, signal),
    close: async () => {
      // The message bus first: it asks the chain about twins.
      await nodes.close();
      await chain.close();
    },
  };
}

type Opening = Required<Omit<ConnectOptions, "endpoints">>;

/** Requiring the chain library alone takes half a second. */
async function openChain(endpoints: GridEndpoints, opening: Opening): Promise<ChainClient> {
  const { connectChain } = await import("./chain/connect-chain");
  return connectChain({ urls: endpoints.chain, ...opening });
}

async function openNodes(endpoints: GridEndpoints, chain: ChainClient, opening: Opening): Promise<NodeClient> {
  const { RelayClient } = await import("./relay/relay-client");
  const twin = await chain.requireTwin();
  return new RelayClient({ urls: endpoints.relay, twin, twins: (twinId) => chain.getTwin(twinId), ...opening });
}

/** Something opened on first use, by the first of several that want it, and closed if it was. */
class Once<T extends { close(): Promise<void> }> {
  readonly #open: () => Promise<T>;
  #opened: Promise<T> | undefined;

  constructor(open: () => Promise<T>) {
    this.#open = open;
  }

  get(): Promise<T> {
    if (!this.#opened) {
      const opening = this.#open();
      this.#opened = opening;
      opening.catch(() => {
        // The caller gets the error; here it only means that the next one tries again.
        if (this.#opened === opening) this.#opened = undefined;
      });
    }
    return this.#opened;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    // What failed to open has nothing to close.
    const thing = await opened?.catch(() => undefined);
    await thing?.close();
  }
}
