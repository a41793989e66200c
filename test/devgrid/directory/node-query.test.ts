import { silentLog } from "../../../lib/core/log";
import { GIB } from "../../../lib/core/units";
import { DirectoryIndex } from "../../../lib/devgrid/directory/directory-index";
import { startDirectoryServer } from "../../../lib/devgrid/directory/directory-server";
import type { HttpService } from "../../../lib/devgrid/http-service";
import { sampleGrid } from "../../support/plain-ledger";

let server: HttpService;

beforeAll(async () => {
  const { ledger, factsOf } = sampleGrid();
  const index = new DirectoryIndex({ ledger, factsOf });
  server = await startDirectoryServer({ index, factsOf, now: ledger.now, log: silentLog });
});

afterAll(() => server.close());

const get = (path: string) => fetch(server.url + path);
const ids = async (query: string): Promise<number[]> => {
  const rows = (await (await get(`/nodes?${query}`)).json()) as { nodeId: number }[];
  return rows.map((row) => row.nodeId);
};

describe("node filters", () => {
  test.each([
    ["", [1, 2, 3, 4, 5, 6]],
    ["status=", [1, 2, 3, 4, 5, 6]],
    ["status=up", [1, 2, 3, 6]],
    ["status=standby,down", [4, 5]],
    [`free_mru=${57 * GIB}`, [1, 3, 4, 5, 6]],
    [`free_mru=${58 * GIB}`, []],
    // 500 GiB less 20 for the system, 30 and 10 for the two contracts, the one in grace included.
    [`free_sru=${440 * GIB}`, [1, 2, 3, 4, 5, 6]],
    [`free_sru=${440 * GIB + 1}`, [1, 3, 4, 5, 6]],
    [`free_sru=${980 * GIB}`, [1, 3, 4, 5, 6]],
    ["free_hru=1", [1, 3, 4, 5, 6]],
    [`total_mru=${64 * GIB}`, [1, 3, 4, 5, 6]],
    [`total_sru=${1000 * GIB}`, [1, 3, 4, 5, 6]],
    [`total_hru=${2000 * GIB}`, [1, 3, 4, 5, 6]],
    ["total_cru=5", [1, 3, 4, 5, 6]],
    ["country=bELGIUM", [1, 2]],
    ["country=Belg", []],
    ["country_contains=IUM", [1, 2]],
    ["city=vienna", [3]],
    ["city_contains=i", [3, 4, 5, 6]],
    ["region=africa", [4, 5]],
    ["farm_name=freefarm", [1, 2]],
    ["farm_name_contains=NILE", [3, 4, 5]],
    ["farm_ids=1,3", [1, 2, 6]],
    ["farm_ids=1&farm_ids=3", [1, 2, 6]],
    ["node_ids=2,5,99", [2, 5]],
    ["excluded=1,2,3", [4, 5, 6]],
    ["node_id=4", [4]],
    ["node_id=3&node_id=4", [4]],
    ["twin_id=105", [5]],
    ["free_ips=2", [1, 2]],
    ["free_ips=1", [1, 2, 6]],
    ["ipv4=true", [1, 2]],
    ["ipv4=0", [3, 4, 5, 6]],
    ["ipv6=t", [1]],
    ["domain=true", [1]],
    ["domain=false&ipv4=1", [2]],
    ["has_ipv6=true", [1]],
    ["certification_type=certified", [1]],
    ["certification_type=Diy", [2, 3, 4, 5, 6]],
    ["in_dedicated_farm=true", [6]],
    ["dedicated=true", [1, 3, 4, 5, 6]],
    ["dedicated=false", [2]],
    ["rentable=true", [1, 4, 5, 6]],
    ["rentable=false", [2, 3]],
    ["rented=true", [3]],
    ["rented_by=7", [3]],
    ["rented_by=0", [1, 2, 4, 5, 6]],
    // The rented node comes first, whatever the order.
    ["available_for=7", [3, 1, 2, 4]],
    ["available_for=7&sort_by=node_id&sort_order=desc", [3, 4, 2, 1]],
    ["available_for=8", [1, 2, 4]],
    ["rentable_or_rented_by=7", [3, 1, 4, 5, 6]],
    ["owned_by=7", [6]],
    ["has_gpu=true", [3]],
    ["has_gpu=false", []],
    ["gpu_available=true", [3]],
    ["gpu_available=true&gpu_vendor_name=nvidia", []],
    ["gpu_available=false&gpu_vendor_name=nvidia", [3]],
    ["num_gpu=2", [3]],
    ["num_gpu=3", []],
    ["num_gpu=0", [1, 2, 3, 4, 5, 6]],
    ["gpu_device_id=2204", [3]],
    ["gpu_vendor_id=1002", [3]],
    ["gpu_device_name=radeon", [3]],
    // Node 5 was never checked: it matches neither.
    ["healthy=true", [1, 2, 4, 6]],
    ["healthy=false", [3]],
    ["features=zmount,wireguard", [1, 2, 3, 4, 5]],
    ["features=zmachine-light", [3]],
    ["sort_by=city", [4, 1, 2, 5, 6, 3]],
    ["sort_by=status&sort_order=DESC&node_ids=1,4,5", [5, 4, 1]],
    ["sort_by=free_cru", [2, 1, 3, 4, 5, 6]],
    ["sort_by=created&node_ids=1,3", [3, 1]],
    ["sort_by=used_sru&node_ids=1,2", [1, 2]],
    ["sort_by=total_cru&sort_order=desc&node_ids=1,2", [1, 2]],
    ["size=2&page=2", [3, 4]],
    ["size=4&page=2", [5, 6]],
    ["size=4&page=3", []],
    ["country=Belgium&status=up&ipv4=true&domain=false", [2]],
  ])("/nodes?%s", async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test("price bounds follow the balance's discount", async () => {
    // 16 cores, 64 GiB: 16 CU; 1000 GiB SSD and 2000 GiB HDD: 6.667 SU. 193 333 units an hour... in dollars a month:
    const full = ((16 * 100_000 + (2000 / 1200 + 1000 / 200) * 50_000) * 720) / 1e7;
    const prices = async (query: string) =>
      ((await (await get(`/nodes?node_id=3${query}`)).json()) as { price_usd: number }[]).map((row) => row.price_usd);
    expect(await prices("")).toEqual([Math.round(full * 1000) / 1000]);
    expect(await prices(`&balance=${full * 18}`)).toEqual([Math.round(full * 400) / 1000]);
    expect(await prices(`&balance=${full * 18}&price_max=${Math.ceil(full * 0.4)}`)).toHaveLength(1);
    expect(await prices(`&price_max=${Math.ceil(full * 0.4)}`)).toEqual([]);
    expect(await prices(`&price_min=${full + 1}`)).toEqual([]);
  });

  test("randomize gives the same nodes in some order", async () => {
    expect((await ids("randomize=true&sort_by=node_id")).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a count is in the headers only when asked for", async () => {
    const asked = await get("/nodes?size=4&page=2&ret_count=true&excluded=1");
    expect(["count", "size", "pages"].map((name) => asked.headers.get(name))).toEqual(["5", "4", "2"]);
    expect((await get("/nodes")).headers.get("count")).toBeNull();
  });
});

describe("refused node queries", () => {
  test.each([
    ["farm_id=1", 400, 'failed to decode params: schema: invalid path "farm_id"'],
    ["x=1&y=2&z=3", 400, 'failed to decode params: schema: invalid path "x" (and 2 other errors)'],
    ["toString=1", 400, 'failed to decode params: schema: invalid path "toString"'],
    ["free_mru=-1", 400, 'failed to decode params: schema: error converting value for "free_mru"'],
    ["total_cru=1.5", 400, 'failed to decode params: schema: error converting value for "total_cru"'],
    ["farm_ids=1,x", 400, 'failed to decode params: schema: error converting value for index 1 of "farm_ids"'],
    ["healthy=yes", 400, 'failed to decode params: schema: error converting value for "healthy"'],
    ["page=two", 400, 'failed to decode params: schema: error converting value for "page"'],
    ["price_min=cheap", 400, 'failed to decode params: schema: error converting value for "price_min"'],
    ["sort_by=beauty", 400, '"beauty" is not a sort field for Node type'],
    ["sort_order=up", 400, '"up" is not a valid sort order'],
    ["features=teleport", 400, "teleport is not a valid node feature"],
    ["status=sleeping", 500, 'ERROR: syntax error at or near ")" (SQLSTATE 42601)'],
  ])("/nodes?%s", async (query, status, error) => {
    const answer = await get(`/nodes?${query}`);
    expect([answer.status, await answer.json()]).toEqual([status, { error }]);
  });
});

describe("a node's JSON", () => {
  test("lists carry resources on top, single nodes one level deeper", async () => {
    const [listed] = (await (await get("/nodes?node_id=2")).json()) as Record<string, unknown>[];
    const single = (await (await get("/nodes/2")).json()) as Record<string, unknown>;
    const resources = {
      total_resources: { cru: 4, mru: 8 * GIB, sru: 500 * GIB, hru: 0 },
      // The system keeps 20 GiB of SSD, and 2 GiB of memory as that is more than a tenth.
      used_resources: { cru: 3, mru: 4 * GIB, sru: 60 * GIB, hru: 0 },
    };
    const { capacity, ...rest } = single;
    expect(capacity).toEqual(resources);
    expect(listed).toEqual({ ...rest, ...resources });
  });

  test("everything that a placement reads is there", async () => {
    const [node] = (await (await get("/nodes?node_id=1")).json()) as Record<string, unknown>[];
    expect(node).toMatchObject({
      nodeId: 1,
      farmId: 1,
      farmName: "Freefarm",
      twinId: 101,
      country: "Belgium",
      created: 1_650_000_000,
      updatedAt: 1_700_000_000,
      uptime: 50_000_000,
      location: { country: "Belgium", city: "Ghent", longitude: 3.72, latitude: 51.05 },
      publicConfig: {
        domain: "gent01.devgrid.test",
        ipv4: "185.206.122.31/24",
        gw4: "185.206.122.1",
        ipv6: "2a10:b600:1::31/64",
        gw6: "",
      },
      status: "up",
      certificationType: "Certified",
      dedicated: true,
      inDedicatedFarm: false,
      rentContractId: 0,
      rented: false,
      rentable: true,
      rentedByTwinId: 0,
      power: { state: "Up", target: "Up" },
      num_gpu: 0,
      extraFee: 0,
      healthy: true,
      gpus: [],
      farm_free_ips: 2,
    });
  });

  test("a rented node says by whom, an offline one when it was last heard of", async () => {
    const nodes = (await (await get("/nodes?node_ids=3,5")).json()) as Record<string, unknown>[];
    expect(nodes[0]).toMatchObject({
      rented: true,
      rentedByTwinId: 7,
      rentContractId: 23,
      rentable: false,
      num_gpu: 2,
    });
    expect(nodes[1]).toMatchObject({
      status: "down",
      updatedAt: 1_700_000_000 - 4801,
      healthy: false,
      dedicated: true,
    });
    expect(nodes[1]?.location).toMatchObject({ latitude: null });
  });
});
