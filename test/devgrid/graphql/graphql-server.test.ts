import { silentLog } from "../../../lib/core/log";
import { DirectoryIndex } from "../../../lib/devgrid/directory/directory-index";
import { startGraphqlServer } from "../../../lib/devgrid/graphql/graphql-server";
import type { HttpService } from "../../../lib/devgrid/http-service";
import { sampleGrid } from "../../support/plain-ledger";

let server: HttpService;
const grid = sampleGrid();

beforeAll(async () => {
  const index = new DirectoryIndex({ ledger: grid.ledger, factsOf: grid.factsOf });
  server = await startGraphqlServer({ index, log: silentLog });
});

afterAll(() => server.close());

async function ask(query: string, variables?: Record<string, unknown>): Promise<unknown> {
  const answer = await fetch(`${server.url}/graphql`, { method: "POST", body: JSON.stringify({ query, variables }) });
  const body = (await answer.json()) as { data?: unknown; errors?: { message: string }[] };
  return answer.status === 200 ? body.data : `${answer.status} ${body.errors?.[0]?.message}`;
}

describe("the queries of the official clients", () => {
  test("the probe at connect", async () => {
    expect(await ask("query { __typename }")).toEqual({ __typename: "Query" });
  });

  test("the twin of a node, before every node call", async () => {
    const query = "query getNodeTwinId($nodeId: Int!){ nodes(where: { nodeID_eq: $nodeId }) { twinID } }";
    expect(await ask(query, { nodeId: 3 })).toEqual({ nodes: [{ twinID: 103 }] });
    expect(await ask(query, { nodeId: 99 })).toEqual({ nodes: [] });
  });

  test("a count under aliases, for each kind of contract", async () => {
    const count = (kind: string) =>
      ask(
        `query { items: ${kind}Connection(where: {twinID_eq: 7, state_in: [Created, GracePeriod]}, orderBy: twinID_ASC) { count: totalCount } }`,
      );
    expect(await count("nodeContracts")).toEqual({ items: { count: 1 } });
    expect(await count("nameContracts")).toEqual({ items: { count: 1 } });
    expect(await count("rentContracts")).toEqual({ items: { count: 1 } });
  });

  const ofType = (conditions: string) =>
    `query getContracts($nodeContractsCount: Int!){
      nodeContracts(where: {twinID_eq: 7, state_in: [Created, GracePeriod] , AND: [${conditions}]}, limit: $nodeContractsCount) {
        contractID deploymentData state createdAt nodeID numberOfPublicIPs } }`;
  const contract21 = {
    contractID: "21",
    deploymentData: '{"type":"vm","name":"vm21","projectName":"vm/vm21"}',
    state: "Created",
    createdAt: "1699000021",
    nodeID: 2,
    numberOfPublicIPs: 1,
  };

  test.each([
    ["type alone, with its trailing comma", '{ deploymentData_contains: "\\"type\\":\\"vm\\"" },', 10, [contract21]],
    [
      "type and an open project name",
      '{ deploymentData_contains: "\\"type\\":\\"vm\\"" },{ deploymentData_contains: "\\"projectName\\":\\"vm/vm2" }',
      1,
      [contract21],
    ],
    ["another type", '{ deploymentData_contains: "\\"type\\":\\"zdb\\"" },', 10, []],
    ["a limit of zero", '{ deploymentData_contains: "vm" },', 0, []],
  ])("contracts by %s", async (_case, conditions, limit, expected) => {
    expect(await ask(ofType(conditions), { nodeContractsCount: limit })).toEqual({ nodeContracts: expected });
  });

  test("all three lists in one query", async () => {
    const query = `query q($n: Int!, $m: Int = 5) {
      nameContracts(where: {twinID_eq: 7}, limit: $n) { contractID createdAt name solutionProviderID state twinID }
      rentContracts(where: {twinID_eq: 7}, limit: $m) { contractID nodeID }
      contractBillReports(where: {contractID_eq: "21"}, orderBy: timestamp_DESC, limit: 2) { amountBilled }
    }`;
    expect(await ask(query, { n: 3 })).toEqual({
      nameContracts: [
        {
          contractID: "24",
          createdAt: "1699000024",
          name: "shop",
          solutionProviderID: null,
          state: "Created",
          twinID: 7,
        },
      ],
      rentContracts: [{ contractID: "23", nodeID: 3 }],
      contractBillReports: [],
    });
  });
});

describe("lists", () => {
  test.each<[string, unknown]>([
    [
      "{ farms(orderBy: [dedicatedFarm_DESC, farmID_DESC], limit: 2) { farmID } }",
      { farms: [{ farmID: 3 }, { farmID: 2 }] },
    ],
    ["{ nodes(offset: 4) { nodeID } }", { nodes: [{ nodeID: 5 }, { nodeID: 6 }] }],
    [
      "{ nodes(where: {nodeID_gt: 4, OR: {nodeID_eq: 1}}) { nodeID } }",
      { nodes: [1, 5, 6].map((nodeID) => ({ nodeID })) },
    ],
    ['{ nodes(where: {OR: [{city_startsWith: "Vi"}]}) { nodeID } }', { nodes: [{ nodeID: 3 }] }],
    [
      "{ farms(where: {farmID_eq: 3}) { publicIPs { ip contractId } } }",
      { farms: [{ publicIPs: [{ ip: "162.205.240.9/24", contractId: "0" }] }] },
    ],
    [
      "{ nodes(where: {nodeID_in: [2, 3]}) { publicConfig { ipv4 } } }",
      { nodes: [{ publicConfig: { ipv4: "185.206.122.31/24" } }, { publicConfig: null }] },
    ],
    [
      "{ farmsConnection(orderBy: farmID_ASC, where: {farmID_eq: 1}) { edges { node { name } } totalCount } }",
      { farmsConnection: { edges: [{ node: { name: "Freefarm" } }], totalCount: 1 } },
    ],
    [
      "query { # twins\n twins(where: {twinID_not_in: [1]}) { accountID relay } }",
      { twins: [{ accountID: expect.stringMatching(/^5/), relay: "" }] },
    ],
  ])("%s", async (query, expected) => {
    expect(await ask(query)).toEqual(expected);
  });
});

describe("what cannot be answered", () => {
  test.each([
    ["{ moons { id } }", '400 Cannot query field "moons" on type "Query".'],
    ["{ nodes { beauty } }", '400 Cannot query field "beauty".'],
    ["{ nodes }", '400 Field "nodes" must have a selection of subfields.'],
    ["{ nodes(where: {beauty_eq: 1}) { nodeID } }", '400 Field "beauty_eq" is not defined by the where input.'],
    ["{ nodes(where: {nodeID_like: 1}) { nodeID } }", '400 Field "nodeID_like" is not defined by the where input.'],
    ["{ nodes(orderBy: beauty_ASC) { nodeID } }", '400 Value "beauty_ASC" does not exist in the orderBy enum.'],
    ["{ nodes(limit: $n) { nodeID } }", '400 Variable "$n" is not defined.'],
    ["{ nodes { nodeID }", '400 Syntax Error: Expected "Name", found <EOF>.'],
    ["mutation { x }", '400 Syntax Error: Expected "{", found "mutation".'],
    ["{ nodes { ...f } }", '400 Syntax Error: Expected "Name", found "...".'],
    ["{ % }", '400 Syntax Error: Unexpected character: "%".'],
    [`{ nodes(where: {AND: ${"[".repeat(50)}`, "400 Syntax Error: nested too deep."],
    ["", '400 Syntax Error: Expected "{", found <EOF>.'],
  ])("%s", async (query, error) => {
    expect(await ask(query)).toBe(error);
  });

  test("a body that is no JSON", async () => {
    const answer = await fetch(`${server.url}/graphql`, { method: "POST", body: "query" });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { errors: [{ message: "The request body is not JSON." }] },
    ]);
  });
});
