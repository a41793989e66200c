/**
 * A node that refuses, at every stage of every resource: the error quotes the node, names the resource, and says what was
 * cancelled and what still bills. The next clean apply leaves state and grid in agreement.
 */
import type { WorkloadType } from "../../lib/model/workloads/workload";
import {
  type Block,
  dedicatedNode,
  deployment,
  gatewayFqdn,
  gatewayName,
  machine,
  mesh,
  PROJECT,
  stack,
  zdb,
} from "../support/grid-stack";
import { secondClient } from "../support/second-client";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform, Strike } from "../support/simulation/simulated-terraform";

/** A resource, where it runs, what it consists of, and a change of it. */
interface Subject {
  readonly title: string;
  readonly type: string;
  readonly nodeId: number;
  readonly block: Block;
  readonly types: readonly WorkloadType[];
  readonly changed: Block;
  /** What the change updates in place, and what it takes down on the way. */
  readonly updates?: readonly WorkloadType[];
  readonly removes?: readonly WorkloadType[];
}

const disks = [{ size_gib: 1, mount_point: "/data" }];
const volumes = [{ size_gib: 1, mount_point: "/shared" }];
const store = (sizeGib: number) => [{ name: "store", type: "volume", data: { size: sizeGib * 2 ** 30 } }];
const rich = { disks, volumes, public_ipv4: true, logs: ["redis://10.20.2.9:6379"] };

const names = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}${index}`);
const backend = (name: string) => ({
  address: "[300:e9c4::1]:9900",
  namespace: `1-1-${name}`,
  password: `derive:zdb-password/${name}/1`,
});
const files = {
  mount_point: "/qsfs",
  key: "derive:qsfs-key/files/1",
  minimal_shards: 2,
  expected_shards: 3,
  metadata: names("meta", 4).map(backend),
  groups: [{ backends: names("data", 3).map(backend) }],
};

const SUBJECTS: readonly Subject[] = [
  {
    title: "zdb db",
    type: "threefold_zdb",
    nodeId: 4,
    block: zdb(4),
    types: ["zdb"],
    changed: zdb(4, { size_gib: 6 }),
    updates: ["zdb"],
  },
  {
    title: "virtual machine web",
    type: "threefold_virtual_machine",
    nodeId: 1,
    block: machine(1, rich),
    types: ["network", "zmount", "volume", "ip", "zmachine", "zlogs"],
    changed: machine(1, { ...rich, cpu: 2, volumes: [{ size_gib: 2, mount_point: "/shared" }] }),
    updates: ["volume"],
    removes: ["zmachine", "zlogs"],
  },
  {
    title: "virtual machine web",
    type: "threefold_virtual_machine",
    nodeId: 4,
    block: machine(4, { quantum_storage: [files] }),
    types: ["qsfs"],
    changed: machine(4, { quantum_storage: [files], cpu: 2 }),
  },
  {
    title: "virtual machine web",
    type: "threefold_virtual_machine",
    nodeId: 7,
    block: machine(7, { light: true, disks }),
    types: ["network-light", "zmount", "zmachine-light"],
    changed: machine(7, { light: true, disks, cpu: 2 }),
    removes: ["zmachine-light"],
  },
  {
    title: "gateway shop",
    type: "threefold_gateway_name",
    nodeId: 1,
    block: gatewayName(1),
    types: ["gateway-name-proxy"],
    changed: gatewayName(1, { backends: ["http://185.206.122.101:8080"] }),
    removes: ["gateway-name-proxy"],
  },
  {
    title: "gateway www",
    type: "threefold_gateway_fqdn",
    nodeId: 2,
    block: gatewayFqdn(2),
    types: ["gateway-fqdn-proxy"],
    changed: gatewayFqdn(2, { backends: ["http://185.206.122.101:8080"] }),
    removes: ["gateway-fqdn-proxy"],
  },
  {
    title: "deployment raw",
    type: "threefold_deployment",
    nodeId: 2,
    block: deployment(2, store(1)),
    types: ["volume"],
    changed: deployment(2, store(2)),
    updates: ["volume"],
  },
  {
    title: "network mesh",
    type: "threefold_network",
    nodeId: 2,
    block: mesh({ web: 1, api: 2 }),
    types: ["network"],
    changed: mesh({ web: 1, api: 2, far: 4 }),
    updates: ["network"],
  },
];

let lab: Lab;
let terraform: SimulatedTerraform;

const contracts = () => lab.grid.chain.listContracts().map(({ contractId }) => contractId);
const configOf = ({ type }: Subject, block: Block | undefined) =>
  stack(PROJECT, block ? { [type]: { it: block } } : {});
const apply = (subject: Subject, block: Block | undefined) => lab.run(() => terraform.apply(configOf(subject, block)));
const fail = (nodeId: number, fault: object) => lab.control("dev.failNode", nodeId, fault);

beforeAll(async () => {
  lab = await Lab.open();
  const ip4 = lab.grid.nodes.get(2)?.snapshot().endpoint.publicConfig?.ip4.split("/")[0] ?? "";
  await lab.control("dev.setDns", "www.example.org", [ip4]);
});
afterAll(() => lab?.close());

describe.each(SUBJECTS.map((subject) => ({ ...subject, of: subject.types.join(", ") })))("$title ($of)", (subject) => {
  const { title, nodeId, block, types, changed, updates = [], removes = [] } = subject;
  const address = `${subject.type}.it`;

  beforeAll(async () => {
    terraform = lab.terraform();
    expect((await apply(subject, undefined)).errors).toEqual([]);
  });
  afterAll(async () => {
    const { errors } = await lab.run(() => terraform.destroy());
    expect([errors, contracts()]).toEqual([[], []]);
  });

  const creations = [
    { stage: "the deployment itself", command: "zos.deployment.deploy" },
    ...types.map((workloadType) => ({ stage: `${workloadType} coming up`, workloadType })),
  ];
  test.each(creations)("is not made when its node refuses $stage", async ({ stage, ...fault }) => {
    const message = `out of ${stage.replaceAll(" ", "-")}`;
    await fail(nodeId, { ...fault, message });
    const { errors } = await apply(subject, block);
    expect(errors).toHaveLength(1);
    const [said = ""] = errors;
    expect(said).toContain(message);
    expect(said).toContain(`Node ${nodeId} refused ${title}`);
    expect(said).toMatch(/contracts? \d+.* cancelled and bills? no more/);
    expect(terraform.store.state.has(address)).toBe(false);
    expect(contracts()).toEqual([]);
    expect((await apply(subject, block)).errors).toEqual([]);
    expect(lab.differences([terraform.store.state])).toEqual([]);
    expect((await apply(subject, undefined)).errors).toEqual([]);
    expect(contracts()).toEqual([]);
  });

  const changes = [
    { stage: "the change itself", command: "zos.deployment.update" },
    ...updates.map((workloadType) => ({ stage: `${workloadType} changing`, workloadType, during: "update" })),
    ...removes.map((workloadType) => ({ stage: `${workloadType} coming up again`, workloadType })),
    ...removes.map((workloadType) => ({ stage: `${workloadType} going down`, workloadType, during: "remove" })),
  ];
  test.each(changes)("stands and bills when its node refuses $stage", async ({ stage, ...fault }) => {
    expect((await apply(subject, block)).errors).toEqual([]);
    const before = contracts();
    const message = `out of ${stage.replaceAll(" ", "-")}`;
    await fail(nodeId, { ...fault, message });
    const { errors } = await apply(subject, changed);
    expect(errors).toHaveLength(1);
    const [said = ""] = errors;
    expect(said).toContain(message);
    expect(said).toContain(`Node ${nodeId} refused the change of ${title}`);
    expect(said).toMatch(/contract \d+(, which bills| stand| still stands and bills)/i);
    expect(terraform.store.state.get(address)?.isTainted).toBe(false);
    expect(contracts()).toEqual(expect.arrayContaining(before));
    const { actions } = await lab.run(() => terraform.plan(configOf(subject, changed)));
    // What a node has given up of storage it makes anew, empty: that is for a plan to show.
    const isLost = said.includes("the next plan says what brings it back");
    expect(isLost).toBe(/^(zdb|volume) changing$/.test(stage));
    expect(actions).toEqual({ [address]: isLost ? "replace" : "update" });
    expect((await apply(subject, changed)).errors).toEqual([]);
    expect(lab.differences([terraform.store.state])).toEqual([]);
    const again = await lab.run(() => terraform.plan(configOf(subject, changed)));
    expect([again.actions, again.said]).toEqual([{}, []]);
    expect((await apply(subject, undefined)).errors).toEqual([]);
    expect(contracts()).toEqual([]);
  });

  test("comes up all the same when its node refuses a question", async () => {
    await fail(nodeId, { command: "zos.deployment.changes", message: "busy" });
    await fail(nodeId, { command: "zos.deployment.get", message: "busy" });
    const { errors } = await apply(subject, block);
    if (errors.length > 0)
      expect(errors).toEqual([
        expect.stringMatching(/busy.*\n(.*\n)*.*(cancelled and bills? no more|stands and bills)/),
      ]);
    expect((await apply(subject, block)).errors).toEqual([]);
    expect(lab.differences([terraform.store.state])).toEqual([]);
    expect((await apply(subject, undefined)).errors).toEqual([]);
  });
});

test("a move that the new node refuses says what was cancelled there, and that the former contract still bills", async () => {
  terraform = lab.terraform();
  const shop = (nodeId: number) => stack(PROJECT, { threefold_gateway_name: { it: gatewayName(nodeId) } });
  expect((await lab.run(() => terraform.apply(shop(1)))).errors).toEqual([]);
  const state = () => terraform.store.state.get("threefold_gateway_name.it")?.object.state ?? {};
  const before = String(state().contract_id);
  await fail(4, { command: "zos.deployment.deploy", message: "out of certificates" });
  const { errors } = await lab.run(() => terraform.apply(shop(4)));
  expect(errors).toEqual([expect.stringContaining("out of certificates")]);
  expect(errors[0]).toMatch(/On node 4: nothing is running; contract \d+ was cancelled and bills no more\./);
  expect(errors[0]).toContain(`Contract ${before} still stands and bills, where it was.`);
  expect(state()).toMatchObject({ contract_id: before, node_id: 1 });
  expect((await lab.run(() => terraform.apply(shop(4)))).errors).toEqual([]);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(contracts()).toEqual([]);
});

describe("a gateway at a reserved name", () => {
  const IT = "threefold_gateway_name.it";
  const shop = (nodeId: number) => stack(PROJECT, { threefold_gateway_name: { it: gatewayName(nodeId) } });
  const run = (nodeId: number, strike?: Strike) => lab.run(() => terraform.apply(shop(nodeId), strike));
  const state = () => terraform.store.state.get(IT)?.object.state ?? {};
  const newest = () => Math.max(...contracts());
  const cancel = (id: unknown) =>
    lab.run(() =>
      lab.world.as(undefined, async () => {
        const other = await secondClient(lab.grid, undefined, "ed25519");
        await other.cancel(Number(id));
        await other.close();
      }),
    );

  beforeEach(async () => {
    terraform = lab.terraform();
    expect((await run(1)).errors).toEqual([]);
  });
  afterEach(async () => {
    expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
    await lab.control("dev.awaitNodes");
    expect(contracts()).toEqual([]);
  });

  /** Moves it, with an account that is empty as soon as something has happened on the new node. */
  async function moveAndRunDry(hasHappened: () => boolean): Promise<string> {
    const twinId = lab.grid.chain.listContracts()[0]?.twinId ?? 0;
    const account = `0x${Buffer.from(lab.grid.chain.getTwin(twinId)?.accountId ?? []).toString("hex")}`;
    const { world } = lab;
    const runDry = async () => {
      while (!hasHappened()) await world.as(undefined, () => world.clock.sleep(20));
      await world.as(undefined, () => lab.grid.control("dev.setBalance", account, 0));
    };
    const [{ errors }] = await lab.run(() => Promise.all([terraform.apply(shop(4)), runDry()]));
    await lab.control("dev.setBalance", account, 1e12);
    expect(errors).toHaveLength(1);
    return errors[0] ?? "";
  }

  test("says of a move that both contracts bill when the former one cannot be ended", async () => {
    const former = String(state().contract_id);
    const isUp = ({ nodeId, workloads: [first] }: ReturnType<Lab["deployments"]>[number]) =>
      nodeId === 4 && first?.state === "ok";
    const said = await moveAndRunDry(() => lab.deployments().some(isUp));
    expect(said).toContain(`It is up on node 4 under contract ${newest()}, and contract ${former}, where it was,`);
    expect(state()).toMatchObject({ contract_id: former, node_id: 1 });
    expect((await run(4)).errors).toEqual([]);
    expect(lab.differences([terraform.store.state])).toEqual([]);
  });

  test("says of a move that what the new node refused bills when it cannot be cancelled, and is in no state", async () => {
    await fail(4, { command: "zos.deployment.deploy", message: "out of certificates" });
    const known = newest();
    const said = await moveAndRunDry(() => newest() > known);
    expect(said).toContain(`contract ${newest()}, made on node 4, could not be cancelled and bills until the next run`);
    expect(said).not.toContain("kept in state");
    expect((await run(4)).errors).toEqual([]);
    expect(lab.differences([terraform.store.state])).toEqual([]);
  });

  test("leaves nothing behind that is in no state when one Ctrl-C comes in a move, though its name is made anew on the way", async () => {
    for (let at = 75; at < 225; at += 15) {
      await cancel(state().name_contract_id);
      await run(4, { walk: "apply", at, stroke: "stop" });
      await lab.control("dev.awaitNodes");
      expect((await lab.run(() => terraform.plan(shop(4)))).errors).toEqual([]);
      const { contract_id: id, name_contract_id: name } = state();
      expect([at, [id, name].map(Number)]).toEqual([at, expect.arrayContaining(contracts())]);
      expect((await run(1)).errors).toEqual([]);
    }
  });

  test("is in state with its name when it was taken over from a killed run and one Ctrl-C came", async () => {
    let taken = 0;
    for (let at = 138; at < 162; at += 4) {
      expect((await lab.run(() => terraform.apply(stack(PROJECT)))).errors).toEqual([]);
      await run(1, { walk: "apply", at: 120, stroke: "kill" });
      await lab.pass(60_000);
      expect(contracts()).toHaveLength(2);
      await run(1, { walk: "apply", at, stroke: "stop" });
      const { contract_id: id, name_contract_id: name } = state();
      if (id !== undefined) expect([at, [id, name].map(Number)]).toEqual([at, contracts()]);
      if (id !== undefined) taken++;
      expect((await run(1)).errors).toEqual([]);
    }
    expect(taken).toBeGreaterThan(0);
  });

  test("is found with the name that a killed run has reserved anew, so that a destroy ends that, too", async () => {
    for (let at = 85; at < 120; at += 6) {
      await cancel(state().name_contract_id);
      await run(1, { walk: "apply", at, stroke: "kill" });
      await lab.pass(60_000);
      expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
      expect([at, contracts()]).toEqual([at, []]);
      expect((await run(1)).errors).toEqual([]);
    }
  });
});

describe("dedicated node own", () => {
  const OWN = "threefold_dedicated_node.own";
  const rent = (nodeId: number) => stack(PROJECT, { threefold_dedicated_node: { own: dedicatedNode(nodeId) } });
  const tenant = (nodeId: number) =>
    stack(
      { threefold_project: { main: { name: "inn" } } },
      { threefold_deployment: { it: deployment(nodeId, store(1)) } },
    );
  const number = () => String(terraform.store.state.get(OWN)?.object.state.contract_id);
  let stranger: SimulatedTerraform;
  let beside: SimulatedTerraform;

  beforeEach(() => {
    terraform = lab.terraform();
    beside = lab.terraform();
    stranger = lab.terraform({ provider: { ...lab.provider, key_type: "sr25519" } });
  });
  afterEach(async () => {
    for (const each of [beside, stranger, terraform]) expect((await lab.run(() => each.destroy())).errors).toEqual([]);
    expect(contracts()).toEqual([]);
  });

  test("is not made on a node that others have contracts on, which are named", async () => {
    expect((await lab.run(() => stranger.apply(tenant(3)))).errors).toEqual([]);
    const [held] = contracts();
    const { errors } = await lab.run(() => terraform.apply(rent(3)));
    expect(errors).toEqual([
      expect.stringContaining("Node 3 cannot be rented for dedicated node own: 1 contract(s) stand on it."),
    ]);
    expect(errors[0]).toMatch(new RegExp(`contract ${held} +of twin 1\\n.*Nothing was made and nothing new bills`));
    expect(contracts()).toEqual([held]);
    expect((await lab.run(() => stranger.destroy())).errors).toEqual([]);
    expect((await lab.run(() => terraform.apply(rent(3)))).errors).toEqual([]);
  });

  test("is not made on a node that somebody else rents", async () => {
    expect((await lab.run(() => stranger.apply(rent(3)))).errors).toEqual([]);
    const { errors } = await lab.run(() => terraform.apply(rent(3)));
    expect(errors).toEqual([
      expect.stringMatching(
        /Node 3 is rented by twin 1, so dedicated node own cannot have it\.\n(.*\n)*.*nothing bills/,
      ),
    ]);
    expect(terraform.store.state.has(OWN)).toBe(false);
  });

  test("stands and bills when the node that is to follow it is somebody else's", async () => {
    expect((await lab.run(() => terraform.apply(rent(6)))).errors).toEqual([]);
    expect((await lab.run(() => stranger.apply(rent(3)))).errors).toEqual([]);
    const before = number();
    const { errors } = await lab.run(() => terraform.apply(rent(3)));
    expect(errors).toEqual([expect.stringContaining("Node 3 is rented by twin 1")]);
    expect(errors[0]).toMatch(new RegExp(`ontract ${before}\\b.*(stands|bill)`));
    expect(number()).toBe(before);
    expect((await lab.run(() => terraform.plan(rent(6)))).actions).toEqual({});
  });

  test("stands and bills when its node is still used as it is to end", async () => {
    expect((await lab.run(() => terraform.apply(rent(3)))).errors).toEqual([]);
    expect((await lab.run(() => beside.apply(tenant(3)))).errors).toEqual([]);
    const [rented, held] = contracts();
    const { errors } = await lab.run(() => terraform.destroy());
    expect(errors[0]).toContain("dedicated node own cannot end yet: 1 contract(s) stand on node 3.");
    expect(errors[0]).toMatch(
      new RegExp(`contract ${held} +\\S.*\\n.*contract ${rented}, goes on billing, and so do they`),
    );
    expect(contracts()).toEqual([rented, held]);
    expect(terraform.store.state.has(OWN)).toBe(true);
  });
});
