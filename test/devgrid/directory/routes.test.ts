import { silentLog } from "../../../lib/core/log";
import { GIB } from "../../../lib/core/units";
import { DirectoryIndex } from "../../../lib/devgrid/directory/directory-index";
import { startDirectoryServer } from "../../../lib/devgrid/directory/directory-server";
import type { HttpService } from "../../../lib/devgrid/http-service";
import { nodeContract, sampleGrid } from "../../support/plain-ledger";

type Grid = ReturnType<typeof sampleGrid>;

let grid: Grid;
let index: DirectoryIndex;
let server: HttpService;

beforeEach(async () => {
  grid = sampleGrid();
  const { ledger, factsOf } = grid;
  index = new DirectoryIndex({ ledger, factsOf });
  server = await startDirectoryServer({ index, factsOf, now: ledger.now, log: silentLog });
});

afterEach(async () => {
  index.close();
  await server.close();
});

const get = async (path: string): Promise<[number, unknown]> => {
  const answer = await fetch(server.url + path);
  return [answer.status, await answer.json()];
};
const pluck = async (path: string, name: string): Promise<unknown[]> =>
  ((await get(path))[1] as Record<string, unknown>[]).map((row) => row[name]);

describe("single things", () => {
  test.each<[string, number, unknown]>([
    ["/ping", 200, { ping: "pong" }],
    ["/version", 200, { version: "v0.16.0-devgrid" }],
    ["/nodes/1/status", 200, { status: "up" }],
    ["/nodes/4/status", 200, { status: "standby" }],
    ["/gateways/5/status", 200, { status: "down" }],
    ["/nodes/99", 404, { error: "node not found" }],
    ["/nodes/99/gpu", 404, { error: "node not found" }],
    ["/nodes/99/statistics", 404, { error: "node not found" }],
    ["/nodes/99/status", 500, { error: "node not found" }],
    ["/gateways/2", 404, { error: "gateway not found" }],
    ["/contracts/99", 500, { error: "contract not found" }],
    ["/contracts/21/bills", 200, []],
    ["/twins/7/consumption", 200, { last_hour_consumption: 0, overall_consumption: 0 }],
    ["/nodes/1/statistics", 200, { users: { deployments: 0 } }],
    ["/nodes/4/statistics", 500, { error: "cannot fetch statistics from node 4 with status: standby" }],
    ["/nodes/5/gpu", 500, { error: "cannot fetch GPU information from node 5 with status: down" }],
    ["/nodes/1/gpu", 200, null],
    [
      "/contracts/24",
      200,
      {
        contract_id: 24,
        twin_id: 7,
        state: "Created",
        created_at: 1_699_000_024,
        type: "name",
        details: { name: "shop" },
      },
    ],
  ])("GET %s", async (path, status, body) => {
    expect(await get(path)).toEqual([status, body]);
  });

  test("cards come with the node's twin", async () => {
    expect(await pluck("/nodes/3/gpu", "node_twin_id")).toEqual([103, 103]);
  });

  test("every answer is JSON, open to browsers and ended by a newline, whatever the method", async () => {
    const answer = await fetch(`${server.url}/ping`, { method: "DELETE" });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await answer.text()).toBe('{"ping":"pong"}\n');
  });

  test.each(["/farms/1", "/twins/1", "/nodes/x", "/nodes/", "/nodes/1/", "/nothing", "/nodes/1/2"])(
    "%s is no route: plain 404",
    async (path) => {
      const answer = await fetch(server.url + path);
      expect([answer.status, await answer.text()]).toEqual([404, "404 page not found\n"]);
    },
  );
});

describe("lists", () => {
  test.each([
    ["/gateways", "nodeId", [1, 2, 3, 4, 5, 6]],
    ["/gateways?domain=true", "nodeId", [1]],
    ["/farms", "farmId", [1, 2, 3]],
    ["/farms?farm_id=2", "name", ["Alpine_Nile"]],
    ["/farms?name=IRONWORKS", "farmId", [3]],
    ["/farms?name_contains=_", "farmId", [2]],
    ["/farms?certification_type=Gold", "farmId", [2]],
    ["/farms?dedicated=true", "farmId", [3]],
    ["/farms?free_ips=1&sort_by=free_ips&sort_order=desc", "farmId", [1, 3]],
    ["/farms?total_ips=3", "farmId", [1]],
    ["/farms?sort_by=used_ips&sort_order=desc&size=1", "farmId", [1]],
    ["/farms?twin_id=7", "farmId", [3]],
    ["/farms?country=egypt", "farmId", [2]],
    ["/farms?region=Europe&node_has_gpu=true", "farmId", [2]],
    // Egypt and a card: in farm 2, but not on one node.
    ["/farms?country=egypt&node_has_gpu=true", "farmId", []],
    ["/farms?node_available_for=7&node_status=up&node_features=", "farmId", [2, 1]],
    ["/farms?node_rented_by=7", "farmId", [2]],
    ["/farms?node_certified=true", "farmId", [1]],
    ["/farms?node_has_ipv6=true", "farmId", [1]],
    ["/farms?node_features=zmachine-light", "farmId", [2]],
    [`/farms?node_free_sru=${GIB}&node_total_cru=5&node_free_mru=${GIB}&node_free_hru=1`, "farmId", [1, 2, 3]],
    ["/twins", "twinId", [1, 7]],
    ["/twins?twin_id=7", "relay", [""]],
    ["/twins?relay=relay.dev.grid.tf", "twinId", [1]],
    ["/twins?sort_by=account_id&sort_order=desc&size=1", "twinId", [7]],
    ["/contracts", "contract_id", [21, 22, 23, 24]],
    ["/contracts?twin_id=7", "contract_id", [21, 23, 24]],
    ["/contracts?state=graceperiod", "contract_id", [22]],
    ["/contracts?state=Created,GracePeriod&type=node", "contract_id", [21, 22]],
    ["/contracts?name=shop", "contract_id", [24]],
    ["/contracts?node_id=3", "contract_id", [23]],
    ["/contracts?number_of_public_ips=1", "contract_id", [21]],
    ["/contracts?deployment_hash=00000000000000000000000000000016", "contract_id", [22]],
    ["/contracts?farm_name=freefarm&sort_by=contract_id&sort_order=desc", "contract_id", [22, 21]],
    ["/contracts?farm_id=2", "type", ["rent"]],
    ["/public_ips", "farm_id", [1, 1, 1, 3]],
    ["/public_ips?free=true&farm_ids=1", "ip", ["185.206.122.100/24", "185.206.122.102/24"]],
    ["/public_ips?ip=162.205.240.9/24", "farm_id", [3]],
  ])("GET %s", async (path, name, expected) => {
    expect(await pluck(path, name)).toEqual(expected);
  });

  test.each([
    ["/farms?version=1", 'failed to decode params: schema: invalid path "version"'],
    ["/farms?sort_by=x", '"x" is not a sort field for Farm type'],
    ["/gateways?rentedBy=1", 'failed to decode params: schema: invalid path "rentedBy"'],
    ["/stats?country=x", 'failed to decode params: schema: invalid path "country"'],
    ["/contracts/21/bills?x=1", 'failed to decode params: schema: invalid path "x"'],
  ])("refuses %s", async (path, error) => {
    expect(await get(path)).toEqual([400, { error }]);
  });

  test("public IPs inside a farm do not repeat the farm", async () => {
    const [farm] = (await get("/farms?farm_id=3"))[1] as { publicIps: Record<string, unknown>[] }[];
    expect(farm?.publicIps).toEqual([
      { id: expect.any(String), ip: "162.205.240.9/24", gateway: "162.205.240.1", contract_id: 0 },
    ]);
  });

  test("stats sum up the nodes of the asked status", async () => {
    expect((await get("/stats?status=up"))[1]).toMatchObject({
      nodes: 4,
      farms: 3,
      countries: 3,
      totalCru: 52,
      publicIps: 4,
      accessNodes: 2,
      gateways: 1,
      twins: 2,
      contracts: 4,
      nodesDistribution: { Belgium: 2, Austria: 1, Finland: 1 },
      gpus: 1,
      dedicatedNodes: 3,
      workloads_number: 3,
    });
  });
});

describe("following the chain", () => {
  const contractIds = () => pluck("/contracts?twin_id=7&state=Created,GracePeriod", "contract_id");

  test("an ended contract stays listed as Deleted, with the time it was made", async () => {
    grid.ledger.end(21);
    expect(await contractIds()).toEqual([23, 24]);
    expect((await get("/contracts?state=Deleted"))[1]).toMatchObject([
      { contract_id: 21, state: "Deleted", created_at: 1_699_000_021, type: "node" },
    ]);
    expect(index.ended()).toHaveLength(1);
  });

  test("with a lag, a new contract is seen once chain time has passed it", async () => {
    index.setLag(30_000);
    grid.ledger.nowMs += 6_000;
    grid.ledger.contracts.push(nodeContract(25, 1));
    grid.ledger.emit({ kind: "contractCreated", contract: nodeContract(25, 1) });
    expect(await contractIds()).toEqual([21, 23, 24]);
    grid.ledger.nowMs += 29_999;
    expect(await contractIds()).toEqual([21, 23, 24]);
    grid.ledger.nowMs += 1;
    expect(await contractIds()).toEqual([21, 23, 24, 25]);
  });

  test("while stale nothing new is seen, and everything afterwards", async () => {
    index.setStale(true);
    grid.ledger.end(21);
    expect(await contractIds()).toEqual([21, 23, 24]);
    index.setStale(false);
    expect(await contractIds()).toEqual([23, 24]);
  });

  test("while down connections are cut, and requests are still counted", async () => {
    server.setDown(true);
    await expect(fetch(`${server.url}/ping`)).rejects.toThrow("fetch failed");
    server.setDown(false);
    expect((await get("/ping"))[0]).toBe(200);
    expect(server.requestCount()).toBe(2);
  });
});
