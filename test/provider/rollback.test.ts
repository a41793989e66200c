import { fastClock } from "../support/fast-clock";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { type Block, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import type { TerraformResult } from "../support/terraform";

const NODE = 1;
const WEB = "threefold_virtual_machine.web";
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject({ clock: fastClock(10) });
});
afterAll(() => project?.close());

const DISK = { disks: [{ size_gib: 2, mount_point: "/data" }] };
const web = (change: Block = {}) =>
  stack(PROJECT, { threefold_virtual_machine: { web: machine(NODE, { ...DISK, ...change }) } });

const node = () => {
  const found = project.grid.nodes.get(NODE);
  if (!found) throw new Error(`no node ${NODE}`);
  return found;
};

const textOf = ({ diagnostics }: TerraformResult) =>
  diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");

/** Lets the node disappear as soon as the chain has a contract for it. */
function vanishAfterContract(): () => void {
  return project.grid.chain.subscribe((events) => {
    if (events.some(({ kind }) => kind === "contractCreated")) node().setOnline(false);
  });
}

describe("a creation that fails is taken back", () => {
  afterEach(() => project.terraform.reset());

  test.each([
    ["refuses it at the door", { command: "zos.deployment.deploy", message: "the farmer said no" }],
    ["cannot start the machine", { workloadType: "zmachine", message: "no kernel found" }],
    ["cannot make the disk", { workloadType: "zmount", message: "not enough space left in pools of this type ssd" }],
  ])("when the node %s: its words are quoted, and nothing bills", async (_, fault) => {
    node().failNext(fault);
    project.write(web());
    const said = textOf(await project.terraform.fail("apply"));
    for (const text of [`Node ${NODE} refused virtual machine web`, fault.message, "was cancelled and bills no more"]) {
      expect(said).toContain(text);
    }
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
    expect(await project.terraform.attributes(WEB)).toBeUndefined();
  });

  test("when the node falls silent once the contract is made", async () => {
    const stop = vanishAfterContract();
    project.write(web());
    const said = textOf(await project.terraform.fail("apply"));
    stop();
    expect(said).toContain(`Node ${NODE} did not answer while virtual machine web was deployed`);
    expect(said).toContain("was cancelled and bills no more");
    node().setOnline(true);
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test("with all of a mesh when one of its nodes refuses", async () => {
    node().failNext({ workloadType: "network", message: "no wireguard today" });
    project.write(stack(PROJECT, { threefold_network: { mesh: mesh({ a: NODE, b: 2, c: 4 }) } }));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toContain("no wireguard today");
    expect(said).toMatch(/network mesh was taken back\nContracts \d+, \d+ were cancelled/);
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});

test("a contract that cannot even be cancelled is kept in state, and replaced once that is possible", async () => {
  const account = `0x${Buffer.from(project.grid.chain.getTwin(1)?.accountId ?? []).toString("hex")}`;
  node().failNext({ command: "zos.deployment.deploy", message: "the farmer said no" });
  const stop = project.grid.chain.subscribe((events) => {
    if (events.some(({ kind }) => kind === "contractCreated")) project.grid.chain.setBalance(account, 0n);
  });
  project.write(web());
  const said = textOf(await project.terraform.fail("apply"));
  stop();
  const [contractId] = leftovers(project.grid).contracts;
  expect(said).toContain(`Contract ${contractId} could not be cancelled and may still bill; it is kept in state.`);
  expect(await project.terraform.attributes(WEB)).toMatchObject({ status: "error", contract_id: String(contractId) });
  project.grid.chain.setBalance(account, 1_000_000_000n);
  const { changes } = await project.terraform.plan();
  expect(changes.map(({ actions }) => actions)).toEqual([["delete", "create"]]);
  await project.terraform.apply("saved.tfplan");
  await project.terraform.destroy();
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual(NOTHING);
  project.terraform.reset();
});

test("a document whose answer was lost with the connection is not taken for refused", async () => {
  const { relay } = project.grid;
  /** Loses the node's next answer to a command, and the connection with it. */
  const loseAnswer = (command: string) => {
    let isAsked = false;
    relay.faults.dropNext(1, ({ message }) => {
      if (message?.kind === "request" && message.command === command) isAsked = true;
      const isAnswer = isAsked && message?.kind === "response";
      if (isAnswer) setImmediate(() => relay.disconnectAll());
      return isAnswer;
    });
  };
  loseAnswer("zos.deployment.deploy");
  project.write(web());
  await project.terraform.apply();
  expect(await project.terraform.attributes(WEB)).toMatchObject({ status: "ok" });
  expect(leftovers(project.grid).contracts).toHaveLength(1);
  loseAnswer("zos.deployment.update");
  node().failNext({ command: "zos.deployment.changes", message: "zbus: internal error" });
  project.write(web({ cpu: 2 }));
  await project.terraform.apply();
  expect(await project.terraform.attributes(WEB)).toMatchObject({ status: "ok", cpu: 2 });
  expect((await project.terraform.plan()).changes).toEqual([]);
  await project.terraform.destroy();
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual(NOTHING);
  project.terraform.reset();
});

test("what worked beside it stays, and the next apply adds what is missing", async () => {
  const config = stack(web().resource, { threefold_zdb: { db: zdb(NODE) } });
  node().failNext({ workloadType: "zmachine", message: "no kernel found" });
  project.write(config);
  await project.terraform.fail("apply");
  const db = await project.terraform.attributes("threefold_zdb.db");
  const { changes } = await project.terraform.plan();
  expect(changes.map(({ address, actions }) => [address, actions])).toEqual([[WEB, ["create"]]]);
  await project.terraform.apply("saved.tfplan");
  expect((await project.terraform.attributes("threefold_zdb.db"))?.contract_id).toBe(db?.contract_id);
  expect(leftovers(project.grid).contracts).toHaveLength(2);
  project.write(web());
  await project.terraform.apply();
});

describe("an update that fails keeps the contract, and state says what was there before", () => {
  let before: Record<string, unknown>;
  beforeAll(async () => {
    before = (await project.terraform.attributes(WEB)) ?? {};
  });

  async function expectRepair(): Promise<void> {
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
    await project.terraform.apply("saved.tfplan");
    const after = await project.terraform.attributes(WEB);
    expect(after).toMatchObject({ status: "ok", cpu: before.cpu === 1 ? 2 : 1, contract_id: before.contract_id });
    expect((await project.terraform.plan()).changes).toEqual([]);
    before = after ?? {};
  }

  test("refused at the door: the old machine runs on, and chain and node agree", async () => {
    node().failNext({ command: "zos.deployment.update", message: "the farmer said no" });
    project.write(web({ cpu: 2 }));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toContain("the farmer said no");
    expect(said).toContain(`Contract ${before.contract_id} still stands`);
    const state = await project.terraform.attributes(WEB);
    expect(state).toMatchObject({ cpu: 1, status: "error", contract_id: before.contract_id });
    const contract = project.grid.chain.getContract(Number(before.contract_id));
    expect(contract?.kind === "node" && contract.deploymentHash).toBe(before.deployment_hash);
    await expectRepair();
  });

  test("failing on the way: the next apply finishes it, the disk untouched", async () => {
    node().failNext({ workloadType: "zmachine", message: "no kernel found" });
    project.write(web({ cpu: 1 }));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toContain("no kernel found");
    expect(await project.terraform.attributes(WEB)).toMatchObject({ cpu: 2, status: "error" });
    await expectRepair();
    const disks = node()
      .snapshot()
      .deployments.flatMap(({ changes }) => changes)
      .filter(({ type }) => type === "zmount");
    expect(disks.map(({ version, result }) => [version, result.state])).toEqual([
      [0, "init"],
      [0, "ok"],
    ]);
  });

  test("taken back before anything ran: nothing differs any more", async () => {
    node().failNext({ command: "zos.deployment.update", message: "the farmer said no" });
    project.write(web({ cpu: 2 }));
    await project.terraform.fail("apply");
    project.write(web({ cpu: 1 }));
    await project.terraform.apply();
    expect(await project.terraform.attributes(WEB)).toMatchObject({ status: "ok", cpu: 1 });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("lost with its node: said so, and finished once the node is back", async () => {
    node().setOnline(false);
    project.write(web({ cpu: 2 }));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toContain(`Node ${NODE} did not answer while virtual machine web was changed`);
    expect(said).toContain(`Contract ${before.contract_id} still stands`);
    node().setOnline(true);
    await project.terraform.apply();
    expect(await project.terraform.attributes(WEB)).toMatchObject({ status: "ok", cpu: 2 });
    await project.terraform.destroy();
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
