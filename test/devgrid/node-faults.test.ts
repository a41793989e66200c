/** Nodes that reboot, keep silent, are slow, or whose deployments somebody else changes: on virtual time. */
import { Secret } from "../../lib/core/secret";
import type { Devgrid } from "../../lib/devgrid/devgrid";
import type { GridClients } from "../../lib/grid/clients";
import { connect } from "../../lib/grid/connect";
import { type Deployment, deploymentHash, parseDeployment } from "../../lib/model/deployment";
import { createKeyPair, type KeyPair } from "../../lib/model/key-pair";
import { signDeployment, signedByOwner } from "../../lib/model/signature-requirement";
import { Lab } from "../support/simulation/lab";

const GIB = 1024 ** 3;
const ON_CONTRACT = '{"version":4,"type":"","name":"box","projectName":"box"}';

let lab: Lab;
let grid: Devgrid;
let clients: GridClients;
let account: KeyPair;
let twinId: number;

beforeAll(async () => {
  lab = await Lab.open();
  ({ grid } = lab);
  const { chain, relay, directory } = grid.describe();
  account = await createKeyPair(new Secret(lab.seed), "ed25519");
  const endpoints = { chain: [chain], relay: [relay], directory: [directory] };
  clients = connect({ endpoints, account, clock: lab.world.clock });
  ({ twinId } = await lab.run(async () => (await clients.chain()).requireTwin()));
});
afterAll(async () => {
  await lab?.run(() => clients.close());
  await lab?.close();
});

/** Work of the lab's world. */
const inLab = (work: () => Promise<void>) => () => lab.run(work);

const nodeTwin = () => grid.describe().nodes[0]?.twinId ?? 0;

async function ask(command: string, payload?: unknown, timeoutMs = 5000): Promise<unknown> {
  return (await clients.nodes()).call(nodeTwin(), command, payload, { timeoutMs });
}

/** Three volumes on node 1, handed in; gives the contract. */
async function deploy(): Promise<{ readonly contractId: number; readonly deployment: Deployment }> {
  const draft = parseDeployment({
    version: 0,
    twin_id: twinId,
    contract_id: 0,
    metadata: "",
    description: "",
    expiration: 0,
    signature_requirement: signedByOwner(twinId),
    workloads: ["a", "b", "c"].map((name) => {
      return { version: 0, name, type: "volume", data: { size: GIB }, metadata: "", description: `${Math.random()}` };
    }),
  });
  const hash = deploymentHash(draft);
  const call = { kind: "createNodeContract", nodeId: 1, deploymentHash: hash, publicIps: 0 } as const;
  const [made] = await (await clients.chain()).submit([{ ...call, deploymentData: ON_CONTRACT }]);
  const contractId = made?.contractId ?? 0;
  return { contractId, deployment: signDeployment({ ...draft, contract_id: contractId }, twinId, account) };
}

async function told(contractId: number): Promise<Deployment> {
  return parseDeployment(await ask("zos.deployment.get", { contract_id: contractId }));
}

async function states(contractId: number): Promise<Record<string, string>> {
  const { workloads } = await told(contractId);
  return Object.fromEntries(workloads.map(({ name, result }) => [name, result?.state ?? ""]));
}

const OK = { a: "ok", b: "ok", c: "ok" };

test(
  "a node reboots in the middle of a deployment, and goes on with it when it is back",
  inLab(async () => {
    const { contractId, deployment } = await deploy();
    await grid.control("dev.rebootNode", 1, { afterSteps: 2, downSeconds: 10 });
    await ask("zos.deployment.deploy", deployment);
    // Two of the three volumes take a second each.
    await lab.world.clock.sleep(5_000);
    expect(grid.nodes.get(1)).toMatchObject({ isOnline: false });
    const { jobs = [], deployments = [] } = grid.nodes.get(1)?.snapshot() ?? {};
    expect(jobs).toEqual([expect.objectContaining({ kind: "reprovision", contractId })]);
    expect(deployments.flatMap(({ changes }) => changes.map(({ result }) => result.state))).toHaveLength(3 + 2);
    await lab.world.clock.sleep(10_000);
    expect(grid.nodes.get(1)).toMatchObject({ isOnline: true });
    await grid.control("dev.awaitNodes");
    expect(await states(contractId)).toEqual(OK);
    await grid.control("dev.rebootNode", 1);
    await grid.control("dev.awaitNodes");
    expect(await states(contractId)).toEqual(OK);
  }),
);

test(
  "a silent node does what it is told and says nothing",
  inLab(async () => {
    const { contractId, deployment } = await deploy();
    await grid.control("dev.setNodeAnswers", 1, { isSilent: true });
    await expect(ask("zos.deployment.deploy", deployment, 300)).rejects.toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    await grid.control("dev.setNodeAnswers", 1, { isSilent: false });
    await grid.control("dev.awaitNodes");
    expect(await states(contractId)).toEqual(OK);
  }),
);

test(
  "a slow node turns to a message late, and the effect is as late",
  inLab(async () => {
    await grid.control("dev.setNodeAnswers", 1, { delayMs: 400 });
    await expect(ask("zos.system.version", undefined, 100)).rejects.toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    expect(await ask("zos.system.version")).toHaveProperty("zos");
    await grid.control("dev.setNodeAnswers", 1, { delayMs: 0 });
  }),
);

describe("another client of the account", () => {
  let contractId: number;

  beforeAll(
    inLab(async () => {
      const made = await deploy();
      ({ contractId } = made);
      await ask("zos.deployment.deploy", made.deployment);
      await grid.control("dev.awaitNodes");
    }),
  );

  const contract = () => {
    const found = grid.chain.getContract(contractId);
    return found?.kind === "node" ? found : undefined;
  };

  test(
    "changes a workload and takes one out; hash, signature and version are right",
    inLab(async () => {
      const before = contract()?.deploymentHash;
      const workloads = { a: { size: 2 * GIB }, c: null };
      await grid.control("dev.alterDeployment", contractId, { workloads, description: "mine" });
      const now = await told(contractId);
      expect(now).toMatchObject({ version: 1, description: "mine" });
      expect(now.workloads.map(({ name, version, data }) => [name, version, data]).sort()).toEqual([
        ["a", 1, { size: 2 * GIB }],
        ["b", 0, { size: GIB }],
      ]);
      expect(now.workloads.map(({ result }) => result?.state)).toEqual(["ok", "ok"]);
      expect(contract()?.deploymentData).toBe(ON_CONTRACT);
      expect(contract()?.deploymentHash).not.toBe(before);
    }),
  );

  test(
    "writes the public text anew, and uses up a nonce",
    inLab(async () => {
      const [made] = await (await clients.chain()).submit([{ kind: "createNameContract", name: "nonces-go-on" }]);
      await grid.control("dev.alterDeployment", contractId, { onContract: "theirs", metadata: "theirs" });
      expect(contract()).toMatchObject({ deploymentData: "theirs" });
      expect(await told(contractId)).toMatchObject({ version: 2, metadata: "theirs" });
      const cancelled = await (await clients.chain()).submit([
        { kind: "cancelContract", contractId: made?.contractId ?? 0 },
      ]);
      expect(cancelled).toHaveLength(1);
    }),
  );

  test.each([
    [[999_999, {}], "there is no live node contract 999999"],
    [["it", {}], "contractId"],
  ])("%j is refused", async (params, reason) => {
    await expect(lab.control("dev.alterDeployment", ...params)).rejects.toThrow(reason);
  });

  test(
    "of a workload that is not there nothing is changed",
    inLab(async () => {
      const before = contract();
      const altering = grid.control("dev.alterDeployment", contractId, { workloads: { x: null } });
      await expect(altering).rejects.toThrow("there is no workload x in it");
      expect(contract()).toEqual(before);
    }),
  );
});
