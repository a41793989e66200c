/** A mesh whose change does not get through everywhere: it goes on with the others, says so, and the next run makes up for it. */
import type { ObjectValue } from "../../lib/provider/schema/value";
import { joined, machine, mesh, PROJECT, stack } from "../support/grid-stack";
import { type SecondClient, secondClient } from "../support/second-client";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform } from "../support/simulation/simulated-terraform";

const THREE = { a: 1, b: 2, c: 4 };
const meshOf = (hosts: Readonly<Record<string, number>>) =>
  stack(PROJECT, { threefold_network: { mesh: mesh(hosts) } });

const MESH = "threefold_network.mesh";

/** What an update of its system brings a light node. */
const LEARNT: object = { features: "light" };

let lab: Lab;
let terraform: SimulatedTerraform;

beforeEach(async () => {
  lab = await Lab.open();
  terraform = lab.terraform();
});
afterEach(() => lab?.close());

const apply = (hosts: Readonly<Record<string, number>>) => lab.run(() => terraform.apply(meshOf(hosts)));

const membersOf = () => terraform.store.state.get(MESH)?.object.state.members as Record<string, ObjectValue>;

/** What another client of the account does. */
const asOther = (act: (other: SecondClient) => Promise<unknown>) =>
  lab.run(() =>
    lab.world.as(undefined, async () => {
      const other = await secondClient(lab.grid, undefined, "ed25519");
      await act(other);
      await other.close();
    }),
  );

/** Peers of each member's network, by node. */
function peers(): Record<string, number> {
  return Object.fromEntries(
    lab.deployments().map(({ nodeId, workloads: [network] }) => {
      const { peers: all = [] } = (network?.data ?? {}) as { peers?: unknown[] };
      return [nodeId, all.length];
    }),
  );
}

async function expectWhole(hosts: Readonly<Record<string, number>>): Promise<void> {
  const nodes = Object.values(hosts);
  expect(peers()).toEqual(Object.fromEntries(nodes.map((node) => [node, nodes.length - 1])));
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.plan(meshOf(hosts)))).actions).toEqual({});
}

test("members that refuse a change are quoted, all of them, and changed by the next run", async () => {
  await apply({ a: 1, b: 2 });
  await lab.control("dev.failNode", 1, { message: "out of luck", command: "zos.deployment.update" });
  await lab.control("dev.failNode", 2, { message: "out of patience", command: "zos.deployment.update" });
  const { errors } = await apply(THREE);
  expect(errors.join("\n")).toContain("out of luck");
  expect(errors.join("\n")).toContain("out of patience");
  const { actions } = await lab.run(() => terraform.plan(meshOf(THREE)));
  expect(actions).toEqual({ [MESH]: "update" });
  expect((await apply(THREE)).errors).toEqual([]);
  await expectWhole(THREE);
});

test("members that refuse a creation are quoted, all of them, with what was cancelled", async () => {
  await lab.control("dev.failNode", 1, { message: "out of luck", command: "zos.deployment.deploy" });
  await lab.control("dev.failNode", 2, { message: "out of patience", workloadType: "network" });
  const { errors } = await apply(THREE);
  const said = errors.join("\n");
  expect(said).toMatch(/Node 1 refused network mesh on node 1\.\n(.*\n)*.*out of luck\n.*contract \d+ was cancelled/);
  expect(said).toMatch(
    /Node 2 refused network mesh on node 2\.\n(.*\n)*.*out of patience.*\n.*contract \d+ was cancelled/,
  );
  expect(said).toMatch(/Contracts \d+ of the mesh were cancelled, too, and bill no more\./);
  expect(lab.isLittered()).toBe(false);
  expect((await apply(THREE)).errors).toEqual([]);
  await expectWhole(THREE);
});

test("of many that refuse five are quoted, and the others counted", async () => {
  const nodes = [1, 2, 3, 4, 5, 6, 12];
  for (const node of nodes)
    await lab.control("dev.failNode", node, { message: `no ${node}`, command: "zos.deployment.deploy" });
  const { errors } = await apply(Object.fromEntries(nodes.map((node) => [`m${node}`, node])));
  const said = errors.join("\n");
  expect(said.match(/ refused network mesh on node /g)).toHaveLength(5);
  expect(said).toMatch(/and 2 more +on nodes 6, 12/);
  expect(lab.isLittered()).toBe(false);
});

test("members that cannot be told to be this state's are quoted by the destroy, all of them, and stay in state", async () => {
  await apply(THREE);
  const byNode = new Map(lab.deployments().map(({ nodeId, contractId }) => [nodeId, contractId]));
  const strange = (contractId = 0) => ({
    kind: "updateNodeContract" as const,
    contractId,
    deploymentHash: "5".repeat(32),
    deploymentData: "mine",
  });
  await asOther(async ({ clients }) => {
    await (await clients.chain()).submit([1, 2, 4].map((node) => strange(byNode.get(node))));
  });
  // Of these two nobody can say what runs under them; the third is known by what its node has.
  for (const node of [1, 2]) await lab.control("dev.setNodeOffline", node);
  const { errors } = await lab.run(() => terraform.destroy());
  for (const node of [1, 2]) {
    expect(errors.join("\n")).toContain(
      `Contract ${byNode.get(node)} of network mesh on node ${node} carries no stamp`,
    );
    expect(errors.join("\n")).toContain(`contract ${byNode.get(node)} goes on billing`);
    expect(errors.join("\n")).toContain(`look at contract ${byNode.get(node)} in the dashboard, and cancel it there`);
  }
  expect(lab.grid.chain.listContracts().map(({ contractId }) => contractId)).toEqual([byNode.get(1), byNode.get(2)]);
  for (const node of [1, 2]) await lab.control("dev.setNodeOffline", node, false);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(lab.isLittered()).toBe(false);
});

test("a member whose contract carries another stamp is said to be another state's, and left alone", async () => {
  await apply(THREE);
  const contractId = Number(membersOf()[4]?.contract_id);
  const theirs = JSON.stringify({
    version: 3,
    type: "network",
    name: "mesh",
    projectName: "network/mesh",
    cdktf: { p: "x.0123456789abcdef", r: "network/mesh", t: "1" },
  });
  await asOther((other) => other.rewrite(contractId, theirs));
  const { actions, said } = await lab.run(() => terraform.plan(meshOf(THREE)));
  expect(actions).toEqual({});
  expect(said.map(({ summary }) => summary)).toEqual([
    `network mesh on node 4: contract ${contractId} now belongs to another state`,
  ]);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(lab.grid.chain.listContracts().map((each) => each.contractId)).toEqual([contractId]);
  await asOther((other) => other.cancel(contractId));
});

test("a change that meets a member of another state says how to go on without it, and what waits for that", async () => {
  await apply({ ...THREE, d: 5 });
  const [contractId, leaver] = [4, 5].map((node) => Number(membersOf()[node]?.contract_id));
  const theirs = JSON.stringify({ cdktf: { p: "x.0123456789abcdef", r: "network/mesh", t: "1" } });
  await asOther((other) => other.rewrite(Number(contractId), theirs));
  const { errors } = await apply({ ...THREE, e: 6 });
  expect(errors).toEqual([expect.stringContaining("Fix: take node 4 out of the mesh")]);
  expect(errors[0]).toContain(`Contracts ${leaver} of nodes that leave go with the first run in which all others are`);
  const without = { a: 1, b: 2, e: 6 };
  expect((await apply(without)).errors).toEqual([]);
  expect((await lab.run(() => terraform.plan(meshOf(without)))).actions).toEqual({});
  await asOther((other) => other.cancel(Number(contractId)));
  await expectWhole(without);
});

test("a member of another state is left to it with the machines that run there", async () => {
  const withMachine = stack(meshOf(THREE).resource, {
    threefold_virtual_machine: { c: machine(4, { name: "c", network: joined("c") }) },
  });
  expect((await lab.run(() => terraform.apply(withMachine))).errors).toEqual([]);
  const contractId = Number(membersOf()[4]?.contract_id);
  const theirs = JSON.stringify({ cdktf: { p: "x.0123456789abcdef", r: "network/mesh", t: "1" } });
  await asOther((other) => other.rewrite(contractId, theirs));
  terraform.remove("threefold_virtual_machine.c");
  expect((await apply({ a: 1, b: 2 })).errors).toEqual([]);
  expect((await lab.run(() => terraform.plan(meshOf({ a: 1, b: 2 })))).actions).toEqual({});
  expect(lab.grid.chain.getContract(contractId)).toBeDefined();
});

test("a member that refused a change is not forgotten by plans and a grace period before the next run", async () => {
  await apply({ a: 1, b: 2 });
  await lab.control("dev.failNode", 2, { message: "out of patience", command: "zos.deployment.update" });
  await apply(THREE);
  const behind = lab.deployments().find(({ nodeId }) => nodeId === 2)?.contractId;
  const plan = () => lab.run(() => terraform.plan(meshOf(THREE)));
  await plan();
  expect((await plan()).actions).toEqual({ [MESH]: "update" });
  await lab.control("dev.setGrace", behind);
  await plan();
  // The next bill is paid and ends the grace period.
  await lab.pass(2 * 3_600_000);
  expect((await plan()).actions).toEqual({ [MESH]: "update" });
  expect((await apply(THREE)).errors).toEqual([]);
  await expectWhole(THREE);
});

test.each([2, 4, 8, 16, 32, 64, 96, 128, 160])(
  "a change interrupted at moment %i goes on with the next run",
  async (at) => {
    await apply({ a: 1, b: 2 });
    await lab.run(() => terraform.apply(meshOf(THREE), { walk: "apply", at, stroke: "stop" }));
    expect((await apply(THREE)).errors).toEqual([]);
    await expectWhole(THREE);
  },
);

test("an account that cannot pay for the change has it made once it can", async () => {
  await apply({ a: 1, b: 2 });
  const account = lab.grid.chain.listTwins().find(({ twinId }) => twinId === accountTwin())?.accountId;
  const hex = `0x${Buffer.from(account as Uint8Array).toString("hex")}`;
  await lab.control("dev.setBalance", hex, 0);
  expect((await apply(THREE)).errors.join("\n")).toContain("TFG_BALANCE");
  await lab.control("dev.setBalance", hex, 1e12);
  expect((await apply(THREE)).errors).toEqual([]);
  await expectWhole(THREE);
});

const meshOn = (nodes: readonly number[]) =>
  stack(PROJECT, { threefold_network: { mesh: mesh({}, { hosts: null, nodes }) } });

/** Whose contracts stand. */
function accountTwin(): number | undefined {
  return lab.grid.chain.listContracts()[0]?.twinId;
}

test("a new member on a node that is down joins later, and the others change without it", async () => {
  await apply({ a: 1, b: 2 });
  await lab.control("dev.setNodeOffline", 4);
  const { errors, warnings } = await apply({ ...THREE, d: 6 });
  expect(errors).toEqual([]);
  expect(warnings).toContain("network mesh: node 4 joins later");
  expect(peers()).toEqual({ 1: 2, 2: 2, 6: 2 });
  await lab.control("dev.setNodeOffline", 4, false);
  expect((await apply({ ...THREE, d: 6 })).errors).toEqual([]);
  await expectWhole({ ...THREE, d: 6 });
});

test("a dead member whose contract has ended keeps nobody from a change", async () => {
  await apply(THREE);
  const dead = lab.deployments().find(({ nodeId }) => nodeId === 4)?.contractId;
  await lab.control("dev.setNodeOffline", 4);
  await lab.control("dev.endForLackOfFunds", dead);
  const config = stack(meshOf({ ...THREE, d: 6 }).resource, {
    threefold_virtual_machine: { a: machine(1, { name: "a", network: joined("a") }) },
  });
  const { errors } = await lab.run(() => terraform.apply(config));
  expect(errors).toEqual([]);
  await lab.control("dev.setNodeOffline", 4, false);
  await lab.pass(3_600_000);
  expect((await lab.run(() => terraform.apply(config))).errors).toEqual([]);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.plan(config))).actions).toEqual({});
});

test("a member whose contract was migrated away from a node that is down joins later, and the others change without it", async () => {
  await apply(THREE);
  await lab.control("dev.migrateContract", Number(membersOf()[4]?.contract_id), 5);
  await lab.control("dev.setNodeOffline", 4);
  for (const hosts of [THREE, { ...THREE, d: 6 }]) {
    const { errors, warnings } = await apply(hosts);
    expect([errors, warnings]).toEqual([[], expect.arrayContaining(["network mesh: node 4 joins later"])]);
  }
  await lab.control("dev.setNodeOffline", 4, false);
  await lab.pass(60_000);
  expect((await apply({ ...THREE, d: 6 })).errors).toEqual([]);
  await expectWhole({ ...THREE, d: 6 });
});

test("a light node that learns WireGuard while it is down joins the mesh that grew meanwhile, as planned", async () => {
  const run = (nodes: readonly number[]) => lab.run(() => terraform.apply(meshOn(nodes)));
  expect((await run([8])).errors).toEqual([]);
  await lab.control("dev.setNodeOffline", 8);
  expect((await run([8, 4])).errors).toEqual([]);
  lab.grid.nodes.get(8)?.setEndpoint(LEARNT);
  await lab.control("dev.setNodeOffline", 8, false);
  await lab.pass(60_000);
  expect((await run([8, 4])).errors).toEqual([]);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.plan(meshOn([8, 4])))).actions).toEqual({});
});

test("a node that a killed run took in and the next one leaves out is told: its contract bills", async () => {
  await apply({ a: 1, b: 2 });
  let isMade = false;
  for (let at = 120; !isMade; at += 10) {
    await lab.run(() => terraform.apply(meshOf(THREE), { walk: "apply", at, stroke: "kill" }));
    await lab.pass(60_000);
    isMade = lab.grid.chain.listContracts().some((contract) => contract.kind === "node" && contract.nodeId === 4);
  }
  const { errors, warnings } = await apply({ a: 1, b: 2 });
  const stray = lab.grid.chain.listContracts().at(-1)?.contractId;
  expect(errors).toEqual([]);
  expect(warnings).toContain(`network mesh: contract ${stray} on node 4 carries its stamp, too`);
  expect((await apply(THREE)).errors).toEqual([]);
  await expectWhole(THREE);
});
