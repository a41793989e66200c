import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import { type SecondClient, secondClient } from "../support/second-client";

const NODE = 1;
const MEMBER = 2;
let project: GridProject;
let other: SecondClient;

const STACK = stack(PROJECT, {
  threefold_network: { mesh: mesh({ web: NODE, api: MEMBER }) },
  threefold_virtual_machine: {
    web: machine(NODE, { network: joined("web"), disks: [{ size_gib: 2, mount_point: "/data" }] }),
  },
  threefold_zdb: { db: zdb(NODE) },
});

const WEB = "threefold_virtual_machine.web";
const DB = "threefold_zdb.db";
const MESH = "threefold_network.mesh";

beforeAll(async () => {
  project = await startGridProject();
  other = await secondClient(project.grid);
  project.write(STACK);
  await project.terraform.apply();
});
afterAll(async () => {
  await other?.close();
  await project?.close();
});

const contractOf = async (address: string) => Number((await project.terraform.attributes(address))?.contract_id);
const node = (nodeId = NODE) => {
  const found = project.grid.nodes.get(nodeId);
  if (!found) throw new Error(`no node ${nodeId}`);
  return found;
};

/** A plan in short: what would be done to what, and which warnings it came with. */
async function planned(): Promise<{ actions: Record<string, string>; warnings: string[] }> {
  const { changes, diagnostics } = await project.terraform.plan();
  return {
    actions: Object.fromEntries(changes.map(({ address, actions }) => [address, actions.join("+")])),
    warnings: diagnostics.map(({ summary }) => summary),
  };
}

/** After the repair everything is well, and nothing is on the grid that is not in state. */
async function expectRepaired(): Promise<void> {
  await project.terraform.apply("saved.tfplan");
  const { actions, warnings } = await planned();
  expect(actions).toEqual({});
  expect(warnings).toEqual([]);
  for (const address of [WEB, DB]) expect(await project.terraform.attributes(address)).toMatchObject({ status: "ok" });
  const { contracts, deployments } = leftovers(project.grid);
  expect(contracts).toHaveLength(4);
  expect(deployments).toHaveLength(4);
}

describe("a refresh sees, and the next apply repairs", () => {
  test("a contract that was cancelled elsewhere", async () => {
    await other.cancel(await contractOf(DB));
    const { actions } = await planned();
    expect(actions).toEqual({ [DB]: "create" });
    await expectRepaired();
  });

  test("a contract that ended for lack of funds", async () => {
    await project.grid.control("dev.endForLackOfFunds", await contractOf(DB));
    expect((await planned()).actions).toEqual({ [DB]: "create" });
    await expectRepaired();
  });

  test("a member of the mesh whose contract was cancelled", async () => {
    const state = await project.terraform.attributes(MESH);
    const members = state?.members as Record<string, { contract_id: string; listen_port: number }>;
    await other.cancel(Number(members[MEMBER]?.contract_id));
    const { actions, warnings } = await planned();
    expect(actions).toEqual({ [MESH]: "update" });
    expect(warnings).toContain(`network mesh: its contract on node ${MEMBER} has ended`);
    await expectRepaired();
  });

  test("a deployment that another client changed", async () => {
    const contractId = await contractOf(DB);
    await other.update(contractId, (workload) =>
      workload.type === "zdb" ? { ...workload, data: { ...workload.data, public: true } } : workload,
    );
    const { actions, warnings } = await planned();
    expect(actions).toEqual({ [DB]: "update" });
    expect(warnings).toContain("zdb db was changed outside this state");
    await expectRepaired();
    expect(await contractOf(DB)).toBe(contractId);
  });

  test("a network workload that another client changed", async () => {
    const members = (await project.terraform.attributes(MESH))?.members as Record<string, { contract_id: string }>;
    await other.update(Number(members[MEMBER]?.contract_id), (workload) =>
      workload.type === "network" ? { ...workload, data: { ...workload.data, peers: [] } } : workload,
    );
    const { actions, warnings } = await planned();
    expect(actions).toEqual({ [MESH]: "update" });
    expect(warnings).toContain(`network mesh on node ${MEMBER} was changed outside this state`);
    await expectRepaired();
  });

  test("a machine that did not come up again after its node restarted", async () => {
    node().failNext({ workloadType: "zmachine", message: "kernel panic" });
    node().reboot();
    await node().idle();
    const { actions, warnings } = await planned();
    expect(actions).toEqual({ [WEB]: "update" });
    expect(warnings).toContain("virtual machine web: web is in state error");
    const contractId = await contractOf(WEB);
    await expectRepaired();
    expect(await contractOf(WEB)).toBe(contractId);
  });

  test("a node that was reinstalled", async () => {
    const contractId = await contractOf(WEB);
    node().reinstall();
    const { actions, warnings } = await planned();
    expect(actions).toEqual({ [WEB]: "update", [DB]: "update", [MESH]: "update" });
    expect(warnings).toEqual(
      expect.arrayContaining([
        `virtual machine web: node ${NODE} does not have it`,
        `zdb db: node ${NODE} does not have it`,
        `network mesh on node ${NODE}: node ${NODE} does not have it`,
      ]),
    );
    await expectRepaired();
    expect(await contractOf(WEB)).toBe(contractId);
  });

  test("a member that got another public address", async () => {
    const { publicConfig } = node(MEMBER).snapshot().endpoint;
    const ip4 = publicConfig?.ip4.replace(/\.\d+\//, ".77/") ?? "";
    node(MEMBER).setEndpoint({ publicConfig: publicConfig && { ...publicConfig, ip4 } });
    const { actions, warnings } = await planned();
    expect(actions).toEqual({ [MESH]: "update" });
    expect(warnings).toContain(`network mesh: node ${MEMBER} has a new address`);
    await expectRepaired();
    node(MEMBER).setEndpoint({ publicConfig });
    await project.terraform.apply();
  });
});

describe("a refresh only warns of", () => {
  test("a node that does not answer: state stays, and nothing is planned", async () => {
    node().setOnline(false);
    const { actions, warnings } = await planned();
    node().setOnline(true);
    expect(actions).toEqual({});
    expect(warnings).toEqual(expect.arrayContaining([`virtual machine web: node ${NODE} does not answer`]));
    expect((await planned()).warnings).toEqual([]);
  });

  test("a node that answers with an error", async () => {
    node().failNext({ command: "zos.deployment.get", message: "zbus: internal error" });
    const { actions, warnings } = await planned();
    expect(actions).toEqual({});
    expect(warnings.filter((text) => text.endsWith(`node ${NODE} does not answer`))).toHaveLength(1);
  });

  test("a contract in its grace period, which cannot be changed until it is paid", async () => {
    const contractId = await contractOf(DB);
    await project.grid.control("dev.setGrace", contractId);
    const { actions, warnings } = await planned();
    expect(actions).toEqual({});
    expect(warnings).toContain("zdb db is unpaid");
    project.write(stack(STACK.resource, { threefold_zdb: { db: zdb(NODE, { size_gib: 6 }) } }));
    const { diagnostics } = await project.terraform.fail("apply");
    expect(JSON.stringify(diagnostics)).toContain("TFG_GRACE");
    project.write(STACK);
    await project.grid.control("dev.advanceTime", 2 * 3600);
    await node().idle();
    expect((await planned()).actions).toEqual({});
    await project.terraform.apply();
    expect(await project.terraform.attributes(DB)).toMatchObject({ status: "ok", size_gib: 5 });
  });

  test("a contract that was migrated to another node", async () => {
    const contractId = await contractOf(DB);
    await project.grid.control("dev.migrateContract", contractId, MEMBER);
    const { actions, warnings } = await planned();
    expect(warnings).toContain(`zdb db: contract ${contractId} was migrated to node ${MEMBER}`);
    expect(Object.values(actions)).not.toContain("delete+create");
    await project.terraform.apply();
    expect(await contractOf(DB)).toBe(contractId);
    project.write(stack(STACK.resource, { threefold_zdb: { db: zdb(NODE, { size_gib: 7 }) } }));
    await project.terraform.apply();
    expect(await project.terraform.attributes(DB)).toMatchObject({ status: "ok", size_gib: 7 });
    expect(
      node(MEMBER)
        .snapshot()
        .deployments.map((each) => each.contractId),
    ).toContain(contractId);
  });
});

test("what is in error, unpaid or migrated is destroyed like the rest", async () => {
  node().failNext({ workloadType: "zmachine", message: "kernel panic" });
  node().reboot();
  await node().idle();
  await project.grid.control("dev.setGrace", await contractOf(DB));
  await project.terraform.destroy();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});
