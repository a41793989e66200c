import { GRID_NETWORKS, isGridNetwork, networkEndpoints } from "../../lib/model/grid-network";

describe("network endpoints", () => {
  test("main has no network label, its own identity host and further chain nodes", () => {
    expect(networkEndpoints("main")).toEqual({
      chain: [
        "wss://tfchain.grid.tf/ws",
        "wss://tfchain.02.grid.tf/ws",
        "wss://02.tfchain.grid.tf/ws",
        "wss://03.tfchain.grid.tf/ws",
        "wss://04.tfchain.grid.tf/ws",
      ],
      relay: ["wss://relay.grid.tf", "wss://relay.02.grid.tf"],
      directory: ["https://gridproxy.grid.tf", "https://gridproxy.02.grid.tf"],
      graphql: ["https://graphql.grid.tf/graphql", "https://graphql.02.grid.tf/graphql"],
      kyc: ["https://kyc.threefold.me"],
    });
  });

  test("the other networks carry their name in every host, the second stack after the service", () => {
    expect(networkEndpoints("qa")).toEqual({
      chain: ["wss://tfchain.qa.grid.tf/ws", "wss://tfchain.02.qa.grid.tf/ws"],
      relay: ["wss://relay.qa.grid.tf", "wss://relay.02.qa.grid.tf"],
      directory: ["https://gridproxy.qa.grid.tf", "https://gridproxy.02.qa.grid.tf"],
      graphql: ["https://graphql.qa.grid.tf/graphql", "https://graphql.02.qa.grid.tf/graphql"],
      kyc: ["https://kyc.qa.grid.tf"],
    });
  });

  test("only the four public networks are networks", () => {
    expect(GRID_NETWORKS.every(isGridNetwork)).toBe(true);
    expect(["devgrid", "Main", "", "toString"].some(isGridNetwork)).toBe(false);
  });
});
