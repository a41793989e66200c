/**
 * Every kind of drift over every kind of resource at once: each is seen by the refresh in one line that names the object,
 * and is repaired by the apply, or refused with the reason. After that the plan is empty, and state and grid agree.
 */
import { rentNoteKey } from "../../lib/model/rent-note";
import type { AnyWorkload } from "../../lib/model/workloads/workload";
import type { ObjectValue } from "../../lib/provider/schema/value";
import {
  type Block,
  dedicatedNode,
  deployment,
  gatewayFqdn,
  gatewayName,
  joined,
  machine,
  mesh,
  PROJECT,
  type Resources,
  stack,
  zdb,
} from "../support/grid-stack";
import { type SecondClient, secondClient } from "../support/second-client";
import { Lab } from "../support/simulation/lab";
import type { RunResult, SimulatedTerraform, StackConfig } from "../support/simulation/simulated-terraform";

const volume = [{ name: "store", type: "volume", data: { size: 2 ** 30 } }];
const disks = [{ size_gib: 1, mount_point: "/data" }];

/** One of each; machines with and without what an end of their contract would lose. */
const EVERYTHING = stack(PROJECT, {
  threefold_zdb: { db: zdb(4) },
  threefold_deployment: { raw: deployment(2, volume) },
  threefold_gateway_name: { shop: gatewayName(1) },
  threefold_gateway_fqdn: { www: gatewayFqdn(2) },
  threefold_dedicated_node: { own: dedicatedNode(12) },
  threefold_network: { mesh: mesh({ api: 4, far: 5 }) },
  threefold_virtual_machine: {
    api: machine(4, { name: "api", network: joined("api") }),
    web: machine(1, { name: "web", disks }),
    pub: machine(5, { name: "pub", public_ipv4: true }),
  },
});

const DB = "threefold_zdb.db";
const RAW = "threefold_deployment.raw";
const SHOP = "threefold_gateway_name.shop";
const WWW = "threefold_gateway_fqdn.www";
const OWN = "threefold_dedicated_node.own";
const MESH = "threefold_network.mesh";
const API = "threefold_virtual_machine.api";
const WEB = "threefold_virtual_machine.web";
const PUB = "threefold_virtual_machine.pub";

/** The words of messages for each. */
const TITLES: Readonly<Record<string, string>> = {
  [DB]: "zdb db",
  [RAW]: "deployment raw",
  [SHOP]: "gateway name shop",
  [WWW]: "gateway fqdn www",
  [OWN]: "dedicated node own",
  [MESH]: "network mesh",
  [API]: "virtual machine api",
  [WEB]: "virtual machine web",
  [PUB]: "virtual machine pub",
};
const DEPLOYMENTS = [DB, RAW, SHOP, WWW, API, WEB, PUB];
const ALL = [...DEPLOYMENTS, MESH, OWN];

let lab: Lab;
let terraform: SimulatedTerraform;
let other: SecondClient;

const run = <T>(work: () => Promise<T>) => lab.run(() => lab.world.as(undefined, work));
const apply = () => lab.run(() => terraform.apply(EVERYTHING));
const plan = () => lab.run(() => terraform.plan(EVERYTHING));
const stateOf = (address: string): ObjectValue => terraform.store.state.get(address)?.object.state ?? {};
const contractOf = (address: string) => Number(stateOf(address).contract_id);
const members = () => stateOf(MESH).members as Record<string, ObjectValue>;
const memberContract = (nodeId: number) => Number(members()[nodeId]?.contract_id);
const idle = () => lab.control("dev.awaitNodes");
const node = (nodeId: number) => {
  const found = lab.grid.nodes.get(nodeId);
  if (!found) throw new Error(`no node ${nodeId}`);
  return found;
};
const forEach = async (addresses: readonly string[], act: (contractId: number) => Promise<unknown>) => {
  for (const address of addresses) await act(contractOf(address));
  await idle();
};
/** Summaries of what a refresh has to say of one object. */
const refreshSays = ({ said }: RunResult, address: string) =>
  said
    .filter(({ during, summary }) => during === "ReadResource" && summary.startsWith(TITLES[address] ?? ""))
    .map(({ summary }) => summary);

let address: string;
const accountAddress = () => address;

beforeAll(async () => {
  lab = await Lab.open();
  const ip4 = node(2).snapshot().endpoint.publicConfig?.ip4.split("/")[0] ?? "";
  await lab.control("dev.setDns", "www.example.org", [ip4]);
  terraform = lab.terraform();
  other = await run(() => secondClient(lab.grid, undefined, "ed25519"));
  address = (await run(() => other.clients.chain())).account.address;
  expect((await apply()).errors).toEqual([]);
});
afterAll(async () => {
  if (other) await run(() => other.close());
  await lab?.close();
});

/** What a client that knows nothing of stamps writes. */
const FOREIGN_TEXT = JSON.stringify({ version: 3, type: "vm", name: "mine", projectName: "vm/mine" });

/** Another client changes every deployment: its size, access or peers, or else what it says of itself. */
async function changeAll(onContract?: string): Promise<void> {
  const texts = { onContract, metadata: "seen by somebody else" };
  await forEach(DEPLOYMENTS, (id) => run(() => other.update(id, changed, texts)));
  await run(() => other.update(memberContract(5), changed, { onContract }));
}

function changed(workload: AnyWorkload): AnyWorkload {
  if (workload.type === "zdb") return { ...workload, data: { ...workload.data, public: true } };
  if (workload.type === "network") return { ...workload, data: { ...workload.data, peers: [] } };
  return workload;
}

function grown(workload: AnyWorkload): AnyWorkload {
  if (workload.type !== "volume") return workload;
  return { ...workload, data: { ...workload.data, size: 2 * workload.data.size } };
}

/** In the end nothing is left to do or to say, and nothing is on the grid that is not in state. */
async function expectSettled(): Promise<void> {
  const { actions, errors, said } = await plan();
  expect({ actions, errors, said: said.map(({ summary }) => summary) }).toEqual({ actions: {}, errors: [], said: [] });
  expect(lab.differences([terraform.store.state])).toEqual([]);
}

/** What an inflicted drift leads to. */
interface Case {
  readonly title: string;
  readonly inflict: () => Promise<unknown>;
  /** One line of the refresh, by the object it hits. */
  readonly seen: Readonly<Record<string, string | RegExp>>;
  /** Another line of the same refresh. */
  readonly alsoSeen?: Readonly<Record<string, string | RegExp>>;
  /** What is planned. */
  readonly planned: Readonly<Record<string, string>>;
  /** Why nothing is planned, where nothing is. */
  readonly reasoned?: Readonly<Record<string, string>>;
  /** Why the apply refuses. */
  readonly refused?: RegExp;
  /** What the reason asks for. @default the configuration as it is */
  readonly remedy?: typeof EVERYTHING;
}

const same = <T>(addresses: readonly string[], value: T) =>
  Object.fromEntries(addresses.map((address) => [address, value]));

const CASES: readonly Case[] = [
  {
    title: "contract cancelled elsewhere",
    inflict: () => forEach([DB, RAW, SHOP, WWW, API, WEB, PUB, OWN], (id) => run(() => other.cancel(id))),
    seen: {
      ...same([DB, RAW, WWW, API, WEB, PUB, OWN], /: contract \d+ has ended$/),
      [SHOP]: "gateway name shop has ended, its name is still reserved",
    },
    planned: { ...same([DB, RAW, WWW, API, WEB, PUB, OWN], "create"), [SHOP]: "update" },
  },
  {
    title: "contract of a member of the mesh cancelled elsewhere",
    inflict: () => run(() => other.cancel(memberContract(5))),
    seen: { [MESH]: "network mesh: its contract on node 5 has ended" },
    planned: { [MESH]: "update" },
  },
  {
    title: "contract ended out of funds",
    inflict: () => forEach([DB, RAW, WWW, API, WEB, PUB, OWN], (id) => lab.control("dev.endForLackOfFunds", id)),
    seen: same([DB, RAW, WWW, API, WEB, PUB, OWN], /: contract \d+ has ended$/),
    planned: same([DB, RAW, WWW, API, WEB, PUB, OWN], "create"),
  },
  {
    title: "workload in error after its node started again",
    inflict: async () => {
      const faults: readonly [number, string][] = [
        [1, "gateway-name-proxy"],
        [2, "gateway-fqdn-proxy"],
        [4, "zmachine"],
        [1, "zmachine"],
        [5, "ip"],
        [5, "network"],
      ];
      for (const [nodeId, workloadType] of faults) {
        await lab.control("dev.failNode", nodeId, { workloadType, message: "out of order" });
      }
      for (const nodeId of [1, 2, 4, 5]) await lab.control("dev.rebootNode", nodeId);
      await idle();
    },
    seen: {
      [SHOP]: "gateway name shop: shop is in state error",
      [WWW]: "gateway fqdn www: www is in state error",
      [API]: "virtual machine api: api is in state error",
      [WEB]: "virtual machine web: web is in state error",
      [PUB]: "virtual machine pub: public_ip is in state error",
      [MESH]: /^network mesh on node 5: mesh\S* is in state error$/,
    },
    planned: same([SHOP, WWW, API, WEB, PUB, MESH], "update"),
  },
  {
    title: "storage in error after its node started again",
    inflict: async () => {
      await lab.control("dev.failNode", 4, { workloadType: "zdb", message: "out of order" });
      await lab.control("dev.failNode", 2, { workloadType: "volume", message: "out of order" });
      for (const nodeId of [2, 4]) await lab.control("dev.rebootNode", nodeId);
      await idle();
    },
    seen: { [DB]: "zdb db: db is in state error", [RAW]: "deployment raw: store is in state error" },
    planned: {},
    reasoned: {
      [DB]: "zdb db: db cannot be repaired without losing what is on it",
      [RAW]: "deployment raw: store cannot be repaired without losing what is on it",
    },
    remedy: stack(EVERYTHING.resource, {
      threefold_zdb: { db: zdb(4, { allow_data_loss: true }) },
      threefold_deployment: { raw: deployment(2, volume, { allow_data_loss: true }) },
    }),
  },
  {
    title: "changed by another client that kept the stamp",
    inflict: () => changeAll(),
    seen: {
      ...same([DB, RAW, SHOP, WWW, API, WEB, PUB], / was changed outside this state$/),
      [MESH]: "network mesh on node 5 was changed outside this state",
    },
    planned: same([DB, RAW, SHOP, WWW, API, WEB, PUB, MESH], "update"),
  },
  {
    title: "changed by another client that wrote a text of its own",
    inflict: () => changeAll(FOREIGN_TEXT),
    seen: same([...DEPLOYMENTS, MESH], / was changed outside this state$/),
    alsoSeen: same([...DEPLOYMENTS, MESH], /: contract \d+ has lost its stamp$/),
    planned: same([...DEPLOYMENTS, MESH], "update"),
  },
  {
    title: "storage grown by another client: only a loss would bring it back",
    inflict: () => forEach([RAW], (id) => run(() => other.update(id, grown))),
    seen: { [RAW]: "deployment raw was changed outside this state" },
    planned: { [RAW]: "update" },
    refused: /The change of deployment raw would lose the data of store\.\n(.*\n)*Nothing was changed\./,
    remedy: stack(EVERYTHING.resource, {
      threefold_deployment: { raw: deployment(2, volume, { allow_data_loss: true }) },
    }),
  },
  {
    title: "stamp lost",
    inflict: async () => {
      await forEach(DEPLOYMENTS, (id) => run(() => other.rewrite(id, FOREIGN_TEXT)));
      await run(() => other.rewrite(memberContract(5), FOREIGN_TEXT));
      await run(async () => {
        await (await other.clients.chain()).submit([{ kind: "deleteNote", key: rentNoteKey(12) }]);
      });
    },
    seen: {
      ...same(DEPLOYMENTS, /: contract \d+ has lost its stamp$/),
      [MESH]: /^network mesh on node 5: contract \d+ has lost its stamp$/,
      [OWN]: /^dedicated node own: the note about contract \d+ is gone$/,
    },
    planned: same(ALL, "update"),
  },
  {
    title: "public IPv4 lost",
    inflict: () => forEach([PUB], (id) => lab.control("dev.takeAddresses", id)),
    seen: { [PUB]: /^virtual machine pub: contract \d+ no longer holds its public IPv4$/ },
    planned: { [PUB]: "replace" },
  },
  {
    title: "node reinstalled",
    inflict: async () => {
      for (const nodeId of [1, 2, 4, 5]) await lab.control("dev.reinstallNode", nodeId);
    },
    seen: {
      ...same(DEPLOYMENTS, /: node \d+ does not have it$/),
      [MESH]: "network mesh on node 4: node 4 does not have it",
    },
    alsoSeen: { [MESH]: "network mesh on node 5: node 5 does not have it" },
    planned: same([...DEPLOYMENTS, MESH], "update"),
  },
  {
    title: "endpoint changed",
    inflict: async () => {
      const { publicConfig } = node(4).snapshot().endpoint;
      const ip4 = publicConfig?.ip4.replace(/\.\d+\//, ".77/");
      await lab.control("dev.setNodeEndpoint", 4, { publicConfig: { ...publicConfig, ip4 } });
    },
    seen: { [MESH]: "network mesh: node 4 has a new address" },
    planned: { [MESH]: "update" },
  },
];

test.each(CASES)("$title", async ({ inflict, seen, alsoSeen = {}, planned, reasoned = {}, refused, ...rest }) => {
  const { remedy = EVERYTHING } = rest;
  await inflict();
  const found = await plan();
  expect(found.errors).toEqual([]);
  for (const address of ALL) {
    const wanted = [alsoSeen[address], seen[address]].filter((line) => line !== undefined);
    const lines = wanted.map((line) => (line instanceof RegExp ? expect.stringMatching(line) : line));
    const says = refreshSays(found, address);
    expect([address, says]).toEqual([address, expect.arrayContaining(lines)]);
    expect([address, says]).toHaveProperty("1.length", lines.length);
  }
  expect(found.actions).toEqual(planned);
  expect(found.warnings).toEqual(expect.arrayContaining(Object.values(reasoned)));
  if (refused) {
    expect((await apply()).errors).toEqual([expect.stringMatching(refused)]);
    expect((await plan()).actions).toEqual(planned);
  }
  expect((await lab.run(() => terraform.apply(remedy))).errors).toEqual([]);
  if (remedy !== EVERYTHING) expect((await apply()).errors).toEqual([]);
  await expectSettled();
});

describe("a contract that was migrated to another node", () => {
  const moved: Readonly<Record<string, number>> = { [DB]: 1, [RAW]: 5, [SHOP]: 4, [WWW]: 1, [WEB]: 2, [PUB]: 2 };
  const there = stack(EVERYTHING.resource, {
    threefold_zdb: { db: zdb(1) },
    threefold_deployment: { raw: deployment(5, volume) },
    threefold_virtual_machine: {
      ...EVERYTHING.resource.threefold_virtual_machine,
      web: machine(2, { name: "web", disks }),
      pub: machine(2, { name: "pub", public_ipv4: true }),
    },
  });
  const saysMigrated = (found: RunResult, address: string) =>
    found.said.filter(({ summary }) => /was migrated/.test(summary) && summary.startsWith(TITLES[address] ?? ""));

  test("is brought up there, or moved back where that is possible, and stays under its number when told so", async () => {
    for (const [address, nodeId] of Object.entries(moved)) {
      await lab.control("dev.migrateContract", contractOf(address), nodeId);
    }
    await idle();
    const before = new Map(Object.keys(moved).map((address) => [address, contractOf(address)]));
    const found = await plan();
    expect(found.actions).toEqual(same(Object.keys(moved), "update"));
    for (const [address, nodeId] of Object.entries(moved)) {
      const isBack = address === SHOP || address === WWW;
      const [line, ...more] = saysMigrated(found, address);
      expect(more).toEqual([]);
      expect(line?.summary).toBe(`${TITLES[address]}: contract ${before.get(address)} was migrated to node ${nodeId}`);
      expect(line?.detail).toContain(isBack ? "brings it up on node" : "the next apply deploys it there, empty");
    }
    expect((await apply()).errors).toEqual([]);
    expect(lab.differences([terraform.store.state])).toEqual([]);
    const after = await plan();
    expect(after.actions).toEqual({});
    for (const address of [DB, RAW, WEB, PUB]) {
      expect(saysMigrated(after, address)[0]?.detail).toContain("nothing needs to be done");
      expect(contractOf(address)).toBe(before.get(address));
    }
    for (const address of [SHOP, WWW]) {
      expect(saysMigrated(after, address)).toEqual([]);
      expect(contractOf(address)).not.toBe(before.get(address));
    }
    // Told where they are, they are where they are wanted.
    const told = await lab.run(() => terraform.apply(there));
    expect([told.errors, told.actions]).toEqual([[], same([DB, RAW, WEB, PUB], "update")]);
    for (const address of [DB, RAW, WEB, PUB]) expect(contractOf(address)).toBe(before.get(address));
    const { actions, said } = await lab.run(() => terraform.plan(there));
    expect([actions, said]).toEqual([{}, []]);
    expect((await apply()).errors).toEqual([]);
    await expectSettled();
  });

  test.each([
    ["outside the mesh", 6],
    ["that is a member itself", 4],
  ])("is ended when it was a member of the mesh and is on a node %s: its own node gets another", async (_, nodeId) => {
    const [contractId, former] = [memberContract(5), members()];
    await lab.control("dev.migrateContract", contractId, nodeId);
    await idle();
    const found = await plan();
    expect(found.actions).toEqual({ [MESH]: "update" });
    expect(refreshSays(found, MESH)).toEqual([
      `network mesh on node 5: contract ${contractId} was migrated to node ${nodeId}`,
    ]);
    expect((await apply()).errors).toEqual([]);
    const { contract_id: _id, deployment_hash: _hash, stamp: _stamp, ...kept } = former[5] ?? {};
    expect(members()[5]).toMatchObject(kept);
    expect(memberContract(5)).not.toBe(contractId);
    expect(members()[4]).toEqual(former[4]);
    expect(lab.grid.chain.getContract(contractId)).toBeUndefined();
    await expectSettled();
  });

  test("is refused where the mesh of its machine is not, and made anew on request", async () => {
    const contractId = contractOf(API);
    await lab.control("dev.migrateContract", contractId, 2);
    await idle();
    const found = await plan();
    expect(found.actions).toEqual({ [API]: "update" });
    expect(saysMigrated(found, API)[0]?.detail).toContain("the next apply will be refused");
    const reason = `Contract ${contractId} of virtual machine api was migrated to node 2, which is not in its mesh.`;
    expect(found.warnings).toContain(reason);
    const { errors } = await apply();
    expect(errors).toEqual([expect.stringContaining(reason)]);
    expect(errors[0]).toContain(`contract ${contractId} stands and bills`);
    expect(errors[0]).toContain("terraform apply -replace");
    expect((await plan()).actions).toEqual({ [API]: "update" });
    terraform.taint(API);
    expect((await apply()).errors).toEqual([]);
    await expectSettled();
  });
});

describe("a repair that fails", () => {
  const faults: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>, RegExp])[] = [
    [
      "because the node refuses it",
      () => lab.grid.control("dev.failNode", 4, { command: "zos.deployment.update", message: "not now" }),
      async () => undefined,
      /TFG_NODE_REFUSED/,
    ],
    [
      "because the node is gone",
      () => lab.grid.control("dev.setNodeOffline", 4),
      () => lab.grid.control("dev.setNodeOffline", 4, false),
      /TFG_NODE_UNREACHABLE/,
    ],
    [
      "because the balance is empty",
      () => lab.grid.control("dev.setBalance", accountAddress(), 600),
      () => lab.grid.control("dev.setBalance", accountAddress(), 1e13),
      /TFG_BALANCE/,
    ],
  ];

  test.each(faults)("%s is tried again", async (_, inflict, heal, said) => {
    await run(() => other.update(contractOf(DB), changed));
    const { errors } = await lab.run(() => terraform.apply(EVERYTHING, undefined, inflict));
    expect(errors).toEqual([expect.stringMatching(said)]);
    await run(heal);
    expect((await plan()).actions).toEqual({ [DB]: "update" });
    expect((await apply()).errors).toEqual([]);
    await expectSettled();
  });

  test("because of one Ctrl-C, whenever it comes, is tried again", async () => {
    await run(() => other.update(contractOf(DB), changed));
    const { moments } = await apply();
    const step = Math.ceil(moments.apply / 6);
    let failed = 0;
    for (let at = step - 2; at < moments.apply; at += step) {
      await run(() => other.update(contractOf(DB), changed));
      const { errors } = await lab.run(() => terraform.apply(EVERYTHING, { walk: "apply", at, stroke: "stop" }));
      if (errors.length > 0) failed++;
      if (errors.length > 0) expect((await plan()).actions).toEqual({ [DB]: "update" });
      expect((await apply()).errors).toEqual([]);
      await expectSettled();
    }
    expect(failed).toBeGreaterThan(0);
  });

  test("because the contract fell into its grace period is tried again once that is over", async () => {
    await run(() => other.update(contractOf(DB), changed));
    const grace = () => lab.grid.control("dev.setGrace", contractOf(DB));
    const { errors } = await lab.run(() => terraform.apply(EVERYTHING, undefined, grace));
    expect(errors).toEqual([expect.stringMatching(/TFG_GRACE/)]);
    expect((await plan()).actions).toEqual({});
    await lab.control("dev.advanceTime", 2 * 3600);
    await idle();
    expect((await plan()).actions).toEqual({ [DB]: "update" });
    expect((await apply()).errors).toEqual([]);
    await expectSettled();
  });

  test("half way through a rebuild is tried again, also when the change is taken back", async () => {
    const bigger = stack(EVERYTHING.resource, {
      threefold_virtual_machine: {
        ...EVERYTHING.resource.threefold_virtual_machine,
        web: machine(1, { name: "web", disks, cpu: 2 }),
      },
    });
    await lab.control("dev.failNode", 1, { workloadType: "zmachine", message: "no such kernel" });
    await lab.control("dev.failNode", 1, { workloadType: "zmachine", message: "no such kernel" });
    const { errors } = await lab.run(() => terraform.apply(bigger));
    expect(errors).toEqual([expect.stringContaining("no such kernel")]);
    expect(errors[0]).toContain("It is DOWN");
    expect((await plan()).actions).toEqual({ [WEB]: "update" });
    expect((await apply()).errors).toEqual([]);
    await expectSettled();
  });
});

describe("an account that runs dry", () => {
  const LONG_PAID = 1e13;

  test("is told of each contract what ends its grace period, and pays for that", async () => {
    await lab.control("dev.setBalance", accountAddress(), 600);
    await lab.control("dev.advanceTime", 3 * 3600);
    await idle();
    const { actions, errors, said } = await plan();
    expect([actions, errors]).toEqual([{}, []]);
    // A gateway at a domain and a mesh use nothing that is billed.
    const unpaid = [DB, RAW, OWN, API, WEB, PUB].map((address) => `${TITLES[address]} is unpaid`);
    const lines = new Map(said.map(({ summary, detail }) => [summary, detail]));
    expect([...lines.keys()].sort()).toEqual([...unpaid, "gateway name shop: its name is unpaid"].sort());
    const amount =
      /[\d.]+ TFT are overdue and the account has [\d.]+ TFT: send more than [\d.]+ TFT to 5\w{47}, and it resumes/;
    for (const detail of lines.values()) expect(detail).toMatch(amount);
    const bigger = stack(EVERYTHING.resource, { threefold_zdb: { db: zdb(4, { size_gib: 6 }) } });
    const refused = await lab.run(() => terraform.apply(bigger));
    expect(refused.errors).toEqual([
      expect.stringMatching(/overdue +[\d.]+ TFT\n +the account has +[\d.]+ TFT\n(.*\n)*.*TFG_GRACE/),
    ]);
    await lab.control("dev.setBalance", accountAddress(), LONG_PAID);
    await lab.control("dev.advanceTime", 2 * 3600);
    await idle();
    expect((await apply()).errors).toEqual([]);
    await expectSettled();
  });
});

test("a member of the mesh that is unpaid is told with the amount that ends it", async () => {
  await lab.control("dev.setGrace", memberContract(5));
  const { actions, said } = await plan();
  expect(actions).toEqual({});
  expect(said).toEqual([
    expect.objectContaining({
      summary: "network mesh on node 5 is unpaid",
      detail: expect.stringMatching(/the account has [\d.]+ TFT/),
    }),
  ]);
  await lab.pass(2 * 3_600_000);
  expect((await apply()).errors).toEqual([]);
  await expectSettled();
});

describe("a contract without its stamp", () => {
  const DB2 = "threefold_zdb.other";
  const PAIR: StackConfig = stack(
    { threefold_project: { main: { name: "second" } } },
    { threefold_zdb: { other: zdb(1, { name: "other" }), more: zdb(1, { name: "more" }) } },
  );
  let own: SimulatedTerraform;
  const id = () => Number(own.store.state.get(DB2)?.object.state.contract_id);
  const stands = (contractId: number) => lab.grid.chain.getContract(contractId) !== undefined;
  const ownPlan = () => lab.run(() => own.plan(PAIR));
  const ownDestroy = () => lab.run(() => own.destroy());

  beforeEach(async () => {
    own = lab.terraform();
    expect((await lab.run(() => own.apply(PAIR))).errors).toEqual([]);
  });
  afterEach(async () => {
    expect((await ownDestroy()).errors).toEqual([]);
    await expectSettled();
  });

  test("is ended by a destroy when its hash is known", async () => {
    await run(() => other.rewrite(id(), FOREIGN_TEXT));
    const contractId = id();
    await lab.control("dev.setNodeOffline", 1);
    expect((await ownDestroy()).errors).toEqual([]);
    await lab.control("dev.setNodeOffline", 1, false);
    await idle();
    expect(stands(contractId)).toBe(false);
  });

  test("is ended by a destroy when what its node runs is known", async () => {
    await run(() => other.update(id(), changed, { onContract: FOREIGN_TEXT }));
    const contractId = id();
    expect((await ownDestroy()).errors).toEqual([]);
    expect(stands(contractId)).toBe(false);
  });

  test("is kept in state by a destroy while its node cannot say what it runs", async () => {
    await run(() => other.update(id(), changed, { onContract: FOREIGN_TEXT }));
    const contractId = id();
    await lab.control("dev.setNodeOffline", 1);
    const { errors } = await ownDestroy();
    expect(errors).toEqual([
      expect.stringMatching(
        /carries no stamp any more.*\n.*node 1 does not answer\n.*goes on billing.*\n.*TFG_STAMP_LOST/,
      ),
    ]);
    expect(own.store.state.has(DB2)).toBe(true);
    await lab.control("dev.setNodeOffline", 1, false);
    expect((await ownDestroy()).errors).toEqual([]);
    expect(stands(contractId)).toBe(false);
  });

  test("is neither changed nor ended when nothing shows whose it is", async () => {
    await run(() => other.update(id(), changed, { onContract: FOREIGN_TEXT, description: "of somebody" }));
    const contractId = id();
    const found = await ownPlan();
    expect([found.errors, found.actions]).toEqual([[], {}]);
    expect(found.said.map(({ summary }) => summary)).toEqual([`zdb other: contract ${contractId} has lost its stamp`]);
    expect(found.said[0]?.detail).toContain("goes on billing");
    const bigger = stack(PAIR.resource as Resources, {
      threefold_zdb: { other: zdb(1, { name: "other", size_gib: 9 }), more: zdb(1, { name: "more" }) },
    });
    expect((await lab.run(() => own.apply(bigger))).errors).toEqual([expect.stringContaining("TFG_STAMP_LOST")]);
    expect((await ownDestroy()).errors).toEqual([expect.stringContaining("TFG_STAMP_LOST")]);
    expect(stands(contractId)).toBe(true);
    await run(() => other.cancel(contractId));
  });

  test("is left alone when it carries another one", async () => {
    const contractId = id();
    const theirs = JSON.stringify({
      version: 3,
      type: "zdb",
      name: "x",
      projectName: "zdb/x",
      cdktf: { p: "x.0123456789abcdef", r: "zdb/other", t: "1" },
    });
    await run(() => other.rewrite(contractId, theirs));
    const found = await ownPlan();
    expect(found.said.map(({ summary }) => summary)).toEqual([
      `zdb other: contract ${contractId} now belongs to another state`,
    ]);
    const { errors, said } = await ownDestroy();
    expect(errors).toEqual([]);
    expect(said.map(({ summary }) => summary)).toContain(`zdb other: contract ${contractId} was left alone`);
    expect(stands(contractId)).toBe(true);
    await run(() => other.cancel(contractId));
  });

  test.each([
    ["by its number alone, where the project has anything else", (contractId: number, _: string) => String(contractId)],
    ["with project and identity", (contractId: number, lineage: string) => `${contractId}:${lineage}:other`],
  ])("is imported %s, and gets its stamp back", async (_, idOf) => {
    const contractId = id();
    await run(() => other.rewrite(contractId, FOREIGN_TEXT));
    const { project } = own.store.state.get(DB2)?.object.state ?? {};
    const lineage = String((project as ObjectValue).id);
    own.remove(DB2);
    expect((await lab.run(() => own.import(DB2, idOf(contractId, lineage)))).errors).toEqual([]);
    expect((await ownPlan()).actions).toEqual({ [DB2]: "update" });
    expect((await lab.run(() => own.apply(PAIR))).errors).toEqual([]);
    expect(id()).toBe(contractId);
    const { actions, said } = await ownPlan();
    expect([actions, said]).toEqual([{}, []]);
    expect(lab.grid.chain.getContract(contractId)).toMatchObject({ deploymentData: expect.stringContaining(lineage) });
  });

  test("is not imported when its node does not show whose it is", async () => {
    const contractId = id();
    await run(() => other.rewrite(contractId, FOREIGN_TEXT));
    const { errors } = await lab.run(() =>
      own.import("threefold_zdb.third", `${contractId}:second.0123456789abcdef:third`),
    );
    expect(errors).toEqual([expect.stringContaining("TFG_IMPORT")]);
  });
});

describe("a public IPv4 that was lost", () => {
  const BOX = "threefold_virtual_machine.box";
  const box = (change: Block = {}) =>
    stack(
      { threefold_project: { main: { name: "third" } } },
      {
        threefold_virtual_machine: { box: machine(3, { name: "box", public_ipv4: true, disks, ...change }) },
      },
    );
  let own: SimulatedTerraform;
  const contractId = () => Number(own.store.state.get(BOX)?.object.state.contract_id);
  const settled = async (config: StackConfig) => {
    const { actions, said } = await lab.run(() => own.plan(config));
    expect([actions, said]).toEqual([{}, []]);
  };

  beforeEach(async () => {
    own = lab.terraform();
    expect((await lab.run(() => own.apply(box()))).errors).toEqual([]);
    await lab.control("dev.takeAddresses", contractId());
  });
  afterEach(async () => {
    expect((await lab.run(() => own.destroy())).errors).toEqual([]);
    await expectSettled();
  });
  test("is left alone where another one would cost a disk, until that is allowed", async () => {
    const before = contractId();
    const found = await lab.run(() => own.plan(box()));
    expect(found.actions).toEqual({});
    expect(found.warnings).toContain("virtual machine box: another public IPv4 would cost what is on disk_data");
    const allowed = box({ allow_data_loss: true });
    expect((await lab.run(() => own.plan(allowed))).actions).toEqual({ [BOX]: "replace" });
    expect((await lab.run(() => own.apply(allowed))).errors).toEqual([]);
    expect(contractId()).not.toBe(before);
    await settled(allowed);
  });

  test("does not keep anything else from being changed", async () => {
    expect((await lab.run(() => own.apply(box({ cpu: 2 })))).errors).toEqual([]);
    expect(own.store.state.get(BOX)?.object.state).toMatchObject({ cpu: 2, public_ipv4_address: expect.any(String) });
  });

  test("is said before anything is sent that its node could not bring up again", async () => {
    await lab.control("dev.failNode", 3, { workloadType: "ip", message: "no such device" });
    await lab.control("dev.rebootNode", 3);
    await idle();
    const { errors } = await lab.run(() => own.apply(box()));
    expect(errors).toEqual([expect.stringMatching(/no longer holds its public IPv4.*\n(.*\n)*.*TFG_PUBLIC_IP_LOST/)]);
    expect(errors[0]).toContain(`Nothing was sent. Contract ${contractId()} stands and bills.`);
    const allowed = box({ allow_data_loss: true });
    expect((await lab.run(() => own.apply(allowed))).errors).toEqual([]);
    await settled(allowed);
  });
});
