import { Devgrid } from "../../lib/devgrid/devgrid";

/** Where the services under test are; undefined for those that are not there. */
export interface Endpoints {
  /** Websocket address of a chain node. */
  readonly chain: string | undefined;
  /** Websocket address of a relay. */
  readonly relay: string | undefined;
  /** Base address of a directory, without a slash at its end. */
  readonly directory: string | undefined;
  /** Secret of an account with at least 100 TFT on that chain: a mnemonic, a seed or a development account. */
  readonly secret: string;
}

/** Services that answer. */
export interface StartedGrid extends Endpoints {
  /** Ends what was started for the test. */
  close(): Promise<void>;
}

/** A grid that is held to the contract. */
export interface GridUnderTest {
  /** What it is called in the titles of the tests. */
  readonly name: string;
  /** Why tests that need a thing are skipped; undefined when it is there. Known before anything is started. */
  readonly lacks: { readonly chain?: string; readonly nodes?: string };
  /** Starts its services, or only names them. */
  start(): Promise<StartedGrid>;
}

/**
 * The grid that `npm run contract` names in the environment. Nothing is named in `npm test`: then it is a devgrid of
 * the test's own.
 */
export function gridUnderTest(service: "chain" | "relay" | "directory"): GridUnderTest {
  const { CONTRACT_CHAIN, CONTRACT_RELAY, CONTRACT_DIRECTORY, CONTRACT_MNEMONIC } = process.env;
  const named = { chain: CONTRACT_CHAIN, relay: CONTRACT_RELAY, directory: CONTRACT_DIRECTORY };
  const url = named[service];
  if (url === undefined) return { name: "devgrid", lacks: {}, start: startDevgrid };
  return {
    name: process.env.CONTRACT_GRID ?? new URL(url).host,
    lacks: {
      chain: named.chain === undefined ? "no --chain was given" : undefined,
      nodes: process.env.CONTRACT_NO_NODES,
    },
    start: async () => ({ ...named, secret: CONTRACT_MNEMONIC ?? "//Alice", close: async () => undefined }),
  };
}

/** A group of tests that needs something; without it the group is skipped, and its title says why. */
export function describeWith(lack: string | undefined, title: string, body: () => void): void {
  if (lack === undefined) describe(title, body);
  else describe.skip(`${title} (skipped: ${lack})`, body);
}

/** The address of a service the tests cannot do without. */
export function requireUrl(endpoints: Endpoints, service: "chain" | "relay" | "directory"): string {
  const url = endpoints[service];
  if (url === undefined) throw new Error(`the contract needs the address of a ${service}`);
  return url;
}

/** A whole grid in this process, with its development accounts. */
async function startDevgrid(): Promise<StartedGrid> {
  const grid = await Devgrid.start();
  const { chain, relay, directory } = grid.describe();
  return { chain, relay, directory, secret: "//Alice", close: () => grid.close() };
}
