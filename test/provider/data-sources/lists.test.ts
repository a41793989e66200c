/** Lists of what there is and what the account has, through real Terraform. */
import { type GridProject, startGridProject } from "../../support/grid-project";
import { type Block, dedicatedNode, PROJECT, stack, zdb } from "../../support/grid-stack";
import { type SecondClient, secondClient } from "../../support/second-client";

let project: GridProject;
let dashboard: SecondClient;

const STANDING = stack(PROJECT, {
  threefold_zdb: { db: zdb(1) },
  threefold_dedicated_node: { own: dedicatedNode(12) },
});

beforeAll(async () => {
  project = await startGridProject();
  dashboard = await secondClient(project.grid);
  project.write(STANDING);
  await project.terraform.apply();
});
afterAll(async () => {
  await dashboard?.close();
  await project?.close();
});

/** What a data source reads beside the standing stack. */
async function read(type: string, config: Block = {}): Promise<Record<string, unknown>> {
  project.write({ ...STANDING, data: { [type]: { it: config } } });
  await project.terraform.apply();
  return (await project.terraform.attributes(`data.${type}.it`)) ?? {};
}

type Row = Record<string, unknown>;
const idsOf = ({ nodes }: Record<string, unknown>) => (nodes as Row[]).map(({ node_id: id }) => id);

describe("threefold_contracts", () => {
  test("lists what the account has, with what its stamps say", async () => {
    const { contracts, reachable, silent_nodes: silent } = await read("threefold_contracts");
    expect([reachable, silent]).toEqual([true, []]);
    const lineage = expect.stringMatching(/^shop\.[0-9a-f]{16}$/);
    const common = { state: "created", project: "shop", lineage, orphan: false, orphan_reason: null, public_ips: 0 };
    const node = { ...common, kind: "node", node_id: 1, name: "db", role: "zdb/db" };
    const rent = {
      ...common,
      kind: "rent",
      node_id: 12,
      name: null,
      role: "dedicated_node/own",
      deployment_hash: null,
    };
    expect(contracts).toHaveLength(2);
    expect(contracts).toEqual(
      expect.arrayContaining([
        { ...node, contract_id: expect.any(String), deployment_hash: expect.stringMatching(/^[0-9a-f]{32}$/) },
        { ...rent, contract_id: expect.any(String) },
      ]),
    );
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("marks what nothing needs when nodes are asked, and keeps to one project", async () => {
    const chain = await dashboard.clients.chain();
    const lost = { nodeId: 2, deploymentHash: "f".repeat(32), deploymentData: "{}", publicIps: 0 };
    const [made, named] = await chain.submit([
      { kind: "createNodeContract", ...lost },
      { kind: "createNameContract", name: "nobodys" },
    ]);
    const { contracts } = await read("threefold_contracts", { ask_nodes: true });
    const orphans = (contracts as Row[]).filter(({ orphan }) => orphan);
    expect(orphans).toEqual([
      expect.objectContaining({
        contract_id: String(made?.contractId),
        project: null,
        orphan_reason: "node 2 knows nothing of it",
      }),
      expect.objectContaining({
        contract_id: String(named?.contractId),
        kind: "name",
        name: "nobodys",
        node_id: null,
        orphan_reason: "no gateway uses the name",
      }),
    ]);
    const ours = (await read("threefold_contracts", { project: "shop" })).contracts as Row[];
    expect(ours.map(({ role }) => role).sort()).toEqual(["dedicated_node/own", "zdb/db"]);
    expect((await read("threefold_contracts", { project: "other" })).contracts).toEqual([]);
    await dashboard.cancel(made?.contractId ?? 0);
    await dashboard.cancel(named?.contractId ?? 0);
  });

  test("names a node that does not say what it runs, and calls nothing of it an orphan", async () => {
    project.grid.nodes.get(1)?.failNext({ command: "zos.deployment.list", message: "busy" });
    project.write({ ...STANDING, data: { threefold_contracts: { it: { ask_nodes: true } } } });
    await project.terraform.apply();
    const it = (await project.terraform.attributes("data.threefold_contracts.it")) ?? {};
    expect(it.silent_nodes).toEqual([1]);
    expect((it.contracts as Row[]).map(({ orphan }) => orphan)).toEqual([false, false]);
  });
});

describe("threefold_nodes", () => {
  test("lists nodes by number, with lasting facts only", async () => {
    const all = await read("threefold_nodes");
    expect(idsOf(all)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(all).toMatchObject({ reachable: true, free: null });
    expect((all.nodes as Row[])[0]).toMatchObject({
      node_id: 1,
      city: "Ghent",
      certified: true,
      farm_name: "Freefarm",
    });
  });

  test.each<[string, Block, number[]]>([
    ["country", { country: "austria" }, [7]],
    ["region", { region: "Africa" }, [8, 9, 10]],
    ["farm and memory", { farm_id: 1, memory_mib: 200 * 1024 }, [1, 4]],
    ["features", { features: ["zmachine-light"] }, [7, 8]],
    ["certified, but for some", { certified: true, exclude: [1, 11] }, [2, 4]],
    ["gateway", { gateway: true, farm_id: 1 }, [1, 2, 4]],
    ["what can be rented", { rentable: true, memory_mib: 150 * 1024 }, [4, 11]],
    ["what this account may use, its own rent included", { available: true, country: "Finland" }, [12]],
  ])("keeps what suits: %s", async (_, filter, expected) => {
    expect(idsOf(await read("threefold_nodes", filter))).toEqual(expected);
  });

  test("leaves out nodes that are down, unless they are asked for", async () => {
    project.grid.nodes.get(3)?.setOnline(false);
    expect(idsOf(await read("threefold_nodes", { farm_id: 1 }))).toEqual([1, 2, 4, 5]);
    expect(idsOf(await read("threefold_nodes", { farm_id: 1, up: false }))).toEqual([1, 2, 3, 4, 5]);
    project.grid.nodes.get(3)?.setOnline(true);
  });

  test("tells what is free when asked", async () => {
    const { free } = await read("threefold_nodes", { country: "Austria", show_free: true });
    expect(free).toEqual({ 7: { memory_mib: 58982, ssd_gib: 2028, hdd_gib: 2048, public_ipv4: 8 } });
  });
});

describe("threefold_farms", () => {
  const ironworks = {
    farm_id: 3,
    name: "Ironworks",
    twin_id: expect.any(Number),
    dedicated: true,
    certification: "NotCertified",
    public_ipv4: 4,
  };

  test("lists farms by number", async () => {
    const { farms, reachable, free } = await read("threefold_farms");
    expect((farms as Row[]).map(({ farm_id: id }) => id)).toEqual([1, 2, 3]);
    expect((farms as Row[])[2]).toEqual(ironworks);
    expect([reachable, free]).toEqual([true, null]);
  });

  test.each<[string, Block]>([
    ["number", { farm_id: 3 }],
    ["name", { name: "ironworks" }],
    ["a part of the name", { name_contains: "works" }],
    ["dedicated", { dedicated: true }],
    ["country", { country: "Finland" }],
  ])("keeps what suits: %s", async (_, filter) => {
    expect((await read("threefold_farms", filter)).farms).toEqual([ironworks]);
  });

  test("tells what is free when asked", async () => {
    expect((await read("threefold_farms", { free_ipv4: 16, show_free: true })).free).toEqual({ 1: 16 });
  });
});

test("none of them is an error when the directory is down, and a destroy goes through", async () => {
  const data = { threefold_contracts: { it: {} }, threefold_nodes: { it: {} }, threefold_farms: { it: {} } };
  const provider = { threefold: { ...project.provider, directory_urls: ["http://127.0.0.1:9"] } };
  project.terraform.write({ ...STANDING, data, provider });
  const { diagnostics } = await project.terraform.apply();
  const warned = diagnostics.map(({ summary }) => summary).filter((summary) => summary.includes("looked up"));
  expect([...new Set(warned)].sort()).toEqual([
    "Contracts could not be looked up",
    "Farms could not be looked up",
    "Nodes could not be looked up",
  ]);
  for (const type of Object.keys(data)) {
    expect(await project.terraform.attributes(`data.${type}.it`)).toMatchObject({ reachable: false });
  }
  await project.terraform.destroy();
});

test("an account that is of no use is an error of each, in its own words", async () => {
  const one = { threefold_node: { it: { node_id: 1 } }, threefold_node_gpus: { it: { node_id: 1 } } };
  const data = { ...one, threefold_nodes: { it: {} }, threefold_gateway_domains: { it: {} } };
  project.write({ data });
  const mnemonic = project.env.THREEFOLD_MNEMONIC;
  project.env.THREEFOLD_MNEMONIC = "//Charlie";
  const { diagnostics } = await project.terraform.fail("plan");
  project.env.THREEFOLD_MNEMONIC = mnemonic;
  const told = diagnostics.flatMap(({ severity, address, detail }) =>
    severity === "error" && detail.includes("[TFG_NO_TWIN]") ? [address] : [],
  );
  expect(told.sort()).toEqual(
    Object.keys(data)
      .map((type) => `data.${type}.it`)
      .sort(),
  );
});
