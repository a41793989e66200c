import { systemClock } from "../../../lib/core/clock";
import { Secret } from "../../../lib/core/secret";
import { GIB } from "../../../lib/core/units";
import { DevgridChain } from "../../../lib/devgrid/chain/devgrid-chain";
import { createDefaultPark } from "../../../lib/devgrid/node/default-park";
import { DevgridNode } from "../../../lib/devgrid/node/devgrid-node";
import { connectChain } from "../../../lib/grid/chain/connect-chain";
import type { ChainClient } from "../../../lib/grid/clients";
import { type Deployment, deploymentHash, parseDeployment } from "../../../lib/model/deployment";
import { createKeyPair, type KeyPair } from "../../../lib/model/key-pair";
import { signDeployment, signedByOwner } from "../../../lib/model/signature-requirement";
import { gatewayName, type LabWorkload, zmount } from "./node-lab";

/** Node 1 of the default park on the emulated chain, and //Alice who deploys through the real client. */
describe("a node on the chain of a devgrid", () => {
  let chain: DevgridChain;
  let client: ChainClient;
  let node: DevgridNode;
  let user: KeyPair;
  let twinId: number;

  beforeEach(async () => {
    const park = await createDefaultPark("real chain");
    const seed = { farms: park.farms, nodes: park.nodes.map((each) => each.seed), relayUrl: "ws://127.0.0.1:1" };
    chain = await DevgridChain.create({ seed, clock: systemClock, blockMs: "instant" });
    user = await createKeyPair(new Secret("//Alice"), "sr25519");
    client = await connectChain({ urls: [await chain.listen()], account: user });
    twinId = (await client.requireTwin()).twinId;
    const [first] = park.nodes;
    const record = chain.getNode(1);
    if (!first || !record) throw new Error("the chain has no node 1");
    node = new DevgridNode({
      nodeId: 1,
      twinId: record.twinId,
      keys: first.seed.keys,
      hardware: first.hardware,
      ledger: chain,
      clock: systemClock,
      kyc: async () => true,
      provisionMs: 0,
    });
  });

  afterEach(async () => {
    node.close();
    await client.close();
    await chain.close();
  });

  function deployment(workloads: readonly LabWorkload[], rest: Partial<Deployment> = {}): Deployment {
    const draft = parseDeployment({
      version: 0,
      twin_id: twinId,
      signature_requirement: signedByOwner(twinId),
      workloads: workloads.map((workload) => ({ version: 0, ...workload })),
      ...rest,
    });
    return signDeployment(draft, twinId, user);
  }

  async function deploy(workloads: readonly LabWorkload[], publicIps = 0): Promise<number> {
    const sent = deployment(workloads);
    const call = { kind: "createNodeContract", nodeId: 1, deploymentData: "{}", publicIps } as const;
    const [result] = await client.submit([{ ...call, deploymentHash: deploymentHash(sent) }]);
    const contractId = result?.contractId ?? 0;
    await node.handle(twinId, "zos.deployment.deploy", { ...sent, contract_id: contractId });
    await node.idle();
    return contractId;
  }

  async function results(contractId: number): Promise<{ state: string; message: string; data: unknown }[]> {
    const shown = await node.handle(twinId, "zos.deployment.get", { contract_id: contractId });
    return (shown as { workloads: { result: { state: string; message: string; data: unknown } }[] }).workloads.map(
      ({ result }) => result,
    );
  }

  it("deploys, reports what is used, updates after its contract, and forgets it all when it is cancelled", async () => {
    const contractId = await deploy([zmount("disk", GIB)]);
    expect(await results(contractId)).toMatchObject([{ state: "ok" }]);
    chain.produceBlock();
    expect(chain.getUsedResources(contractId)).toEqual({ cru: 0, mru: 0, sru: GIB, hru: 0 });

    const next = deployment([zmount("disk", 2 * GIB, 1)], { version: 1, contract_id: contractId });
    await client.submit([
      { kind: "updateNodeContract", contractId, deploymentHash: deploymentHash(next), deploymentData: "{}" },
    ]);
    await node.handle(twinId, "zos.deployment.update", next);
    await node.idle();
    chain.produceBlock();
    expect(chain.getUsedResources(contractId)?.sru).toBe(2 * GIB);

    await client.submit([{ kind: "cancelContract", contractId }]);
    await node.idle();
    await expect(results(contractId)).rejects.toThrow("deployment not found");
  });

  it("gives the address that the chain reserved", async () => {
    const contractId = await deploy([{ name: "pub", type: "ip", data: { v4: true, v6: false } }], 1);
    expect(await results(contractId)).toMatchObject([
      { state: "ok", data: { ip: "185.206.122.100/24", gateway: "185.206.122.1" } },
    ]);
    expect(chain.getFarm(1)?.publicIps[0]).toMatchObject({ contractId });
  });

  it("serves a reserved name until its name contract is cancelled", async () => {
    const [name] = await client.submit([{ kind: "createNameContract", name: "shop" }]);
    const contractId = await deploy([gatewayName("gw", "shop")]);
    expect(await results(contractId)).toMatchObject([{ data: { fqdn: "shop.gent01.devgrid.test" } }]);
    await client.submit([{ kind: "cancelContract", contractId: name?.contractId ?? 0 }]);
    expect(await results(contractId)).toEqual([]);
  });

  it("pauses a contract in grace, and lets go of one that was moved elsewhere", async () => {
    const contractId = await deploy([zmount("disk", GIB)]);
    chain.setGrace(contractId);
    await node.idle();
    expect(await results(contractId)).toMatchObject([{ state: "paused" }]);
    chain.migrateContract(contractId, 2);
    await node.idle();
    await expect(results(contractId)).rejects.toThrow("deployment not found");
  });

  it("refuses what was registered under another hash", async () => {
    const sent = deployment([zmount("disk", GIB)]);
    const call = { kind: "createNodeContract", nodeId: 1, deploymentData: "{}", publicIps: 0 } as const;
    const [result] = await client.submit([{ ...call, deploymentHash: "0".repeat(32) }]);
    const contractId = result?.contractId ?? 0;
    await node.handle(twinId, "zos.deployment.deploy", { ...sent, contract_id: contractId });
    await node.idle();
    expect(await results(contractId)).toMatchObject([{ message: "contract hash does not match deployment hash" }]);
  });
});
