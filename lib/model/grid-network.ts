/** The public networks of the ThreeFold Grid. */
export type GridNetwork = "main" | "test" | "qa" | "dev";

/** Where a deployer reaches a grid; each list in the order in which it is tried. No URL ends with a slash. */
export interface GridEndpoints {
  /** JSON-RPC over websocket. Several, as an endpoint that is out of sync is passed over. */
  readonly chain: readonly string[];
  /** Message bus websockets. */
  readonly relay: readonly string[];
  /** REST directory (gridproxy). */
  readonly directory: readonly string[];
  /** DNS servers, `ip` or `ip:port`. @default those of this machine */
  readonly dns?: readonly string[];
}

/** Everything that a network offers, the services that a deployer can do without included. */
export interface NetworkEndpoints extends GridEndpoints {
  /** GraphQL, path included. */
  readonly graphql: readonly string[];
  /** Identity check; `/api/v1/status` is under it. */
  readonly kyc: readonly string[];
}

/** All public networks, the one with real money first. */
export const GRID_NETWORKS: readonly GridNetwork[] = ["main", "test", "qa", "dev"];

/** True for the name of a public network. */
export function isGridNetwork(name: string): name is GridNetwork {
  return (GRID_NETWORKS as readonly string[]).includes(name);
}

/**
 * Endpoints of a public network, both stacks of each service.
 *
 * @source tfgrid-sdk-go grid-client/deployer/stacks.go and @threefold/grid_client 2.9.2: first stack `<service>.<base>`,
 * second `<service>.02.<base>`; main has further chain nodes, and its identity check lives under another name
 */
export function networkEndpoints(network: GridNetwork): NetworkEndpoints {
  const base = network === "main" ? "grid.tf" : `${network}.grid.tf`;
  const stacks = (service: string) => [`${service}.${base}`, `${service}.02.${base}`];
  const extraChain = network === "main" ? ["02", "03", "04"].map((number) => `${number}.tfchain.grid.tf`) : [];
  return {
    chain: [...stacks("tfchain"), ...extraChain].map((host) => `wss://${host}/ws`),
    relay: stacks("relay").map((host) => `wss://${host}`),
    directory: stacks("gridproxy").map((host) => `https://${host}`),
    graphql: stacks("graphql").map((host) => `https://${host}/graphql`),
    kyc: [network === "main" ? "https://kyc.threefold.me" : `https://kyc.${base}`],
  };
}
