import type { ContractCall } from "../../../lib/model/call";
import { fresh, freshHash } from "../accounts";
import type { Ground } from "../ground";

/** A call that creates a node contract nobody has made before. */
export function newContract(nodeId: number, changes: Partial<ContractCall & { kind: "createNodeContract" }> = {}) {
  return {
    kind: "createNodeContract",
    nodeId,
    deploymentHash: freshHash(),
    deploymentData: JSON.stringify({ version: 4, type: "vm", name: fresh() }),
    publicIps: 0,
    ...changes,
  } as const;
}

/** A refusal by the runtime, by the pallet's own name. */
export function refusedWith(error: string) {
  return { code: "TFG_CHAIN_REFUSED", facts: { error } };
}

/** What a node contract is, how it is found again, and when the chain refuses it. */
export function nodeContracts(ground: () => Ground): void {
  describe("node contracts", () => {
    test("is found by id, by hash and on its node, with everything it was made from", async () => {
      const { deployer, nodeIds } = ground();
      const call = newContract(nodeIds[0], { deploymentData: '{"name":"grüße"}' });
      const contractId = await ground().make(call);
      const { twinId } = await deployer.requireTwin();
      expect(await deployer.getContract(contractId)).toEqual({
        kind: "node",
        contractId,
        twinId,
        state: { kind: "Created" },
        nodeId: nodeIds[0],
        deploymentHash: call.deploymentHash,
        deploymentData: call.deploymentData,
        publicIps: 0,
        publicIpsList: [],
      });
      expect(await deployer.getContractIdByHash(nodeIds[0], call.deploymentHash)).toBe(contractId);
      expect(await deployer.getContractIdByHash(nodeIds[1], call.deploymentHash)).toBeUndefined();
      expect(await deployer.getNodeContractIds(nodeIds[0])).toContain(contractId);
    });

    test("refuses a hash that is live on the same node, whoever made it, and takes it on another", async () => {
      const { rival, nodeIds } = ground();
      const call = newContract(nodeIds[0]);
      await ground().make(call);
      await expect(rival.submit([call])).rejects.toMatchObject(refusedWith("ContractIsNotUnique"));
      expect(await ground().make({ ...call, nodeId: nodeIds[1] }, rival)).toBeGreaterThan(0);
    });

    test("vanishes in the block that cancels it, and frees its hash", async () => {
      const { deployer, nodeIds } = ground();
      const call = newContract(nodeIds[0]);
      const contractId = await ground().make(call);
      await ground().cancel(contractId);
      expect(await deployer.getContract(contractId)).toBeUndefined();
      expect(await deployer.getContractIdByHash(nodeIds[0], call.deploymentHash)).toBeUndefined();
      expect(await deployer.getNodeContractIds(nodeIds[0])).not.toContain(contractId);
      await expect(ground().cancel(contractId)).rejects.toMatchObject(refusedWith("ContractNotExists"));
      expect(await ground().make(call)).toBeGreaterThan(contractId);
    });

    test("moves to a new hash and data, and to the new place in the index", async () => {
      const { deployer, nodeIds } = ground();
      const call = newContract(nodeIds[0]);
      const contractId = await ground().make(call);
      const deploymentHash = freshHash();
      const update = { kind: "updateNodeContract", contractId, deploymentHash, deploymentData: "{}" } as const;
      expect((await deployer.submit([update]))[0]?.contractId).toBe(contractId);
      expect(await deployer.getContract(contractId)).toMatchObject({ deploymentHash, deploymentData: "{}" });
      expect(await deployer.getContractIdByHash(nodeIds[0], deploymentHash)).toBe(contractId);
      expect(await deployer.getContractIdByHash(nodeIds[0], call.deploymentHash)).toBeUndefined();
    });

    test("gives the index entry to the one that moves onto another contract's hash", async () => {
      const { deployer, nodeIds } = ground();
      const first = newContract(nodeIds[0]);
      await ground().make(first);
      const contractId = await ground().make(newContract(nodeIds[0]));
      await deployer.submit([
        { kind: "updateNodeContract", contractId, deploymentHash: first.deploymentHash, deploymentData: "{}" },
      ]);
      expect(await deployer.getContractIdByHash(nodeIds[0], first.deploymentHash)).toBe(contractId);
    });

    test("refuses a node that does not exist, and an account without a twin", async () => {
      const { deployer, nodeIds } = ground();
      await expect(deployer.submit([newContract(4_000_000_000)])).rejects.toMatchObject(refusedWith("NodeNotExists"));
      const { client } = await ground().newcomer({ isFunded: true });
      await expect(client.submit([newContract(nodeIds[0])])).rejects.toMatchObject(refusedWith("TwinNotExists"));
    });

    test("refuses to change or cancel what another twin made", async () => {
      const { rival, nodeIds } = ground();
      const contractId = await ground().make(newContract(nodeIds[0]));
      const update = {
        kind: "updateNodeContract",
        contractId,
        deploymentHash: freshHash(),
        deploymentData: "",
      } as const;
      await expect(rival.submit([update])).rejects.toMatchObject(refusedWith("TwinNotAuthorizedToUpdateContract"));
      await expect(rival.submit([{ kind: "cancelContract", contractId }])).rejects.toMatchObject(
        refusedWith("TwinNotAuthorizedToCancelContract"),
      );
    });

    test("refuses to update what is gone, and what is no node contract", async () => {
      const { deployer } = ground();
      const named = await ground().make({ kind: "createNameContract", name: `c${fresh()}` });
      const update = (contractId: number) =>
        deployer.submit([{ kind: "updateNodeContract", contractId, deploymentHash: freshHash(), deploymentData: "" }]);
      await expect(update(named)).rejects.toMatchObject(refusedWith("InvalidContractType"));
      await ground().cancel(named);
      await expect(update(named)).rejects.toMatchObject(refusedWith("ContractNotExists"));
    });

    test("takes public addresses from the farm in its order and gives them back", async () => {
      const { deployer, farmId, nodeIds } = ground();
      const before = await deployer.getFarmIps(farmId);
      const contractId = await ground().make(newContract(nodeIds[0], { publicIps: 1 }));
      expect(await deployer.getContract(contractId)).toMatchObject({
        publicIps: 1,
        publicIpsList: [{ ip: before[0]?.ip, gateway: before[0]?.gateway, contractId }],
      });
      expect((await deployer.getFarmIps(farmId))[0]).toMatchObject({ contractId });
      await expect(deployer.submit([newContract(nodeIds[0], { publicIps: before.length })])).rejects.toMatchObject(
        refusedWith("FarmHasNotEnoughPublicIPsFree"),
      );
      await ground().cancel(contractId);
      expect(await deployer.getFarmIps(farmId)).toEqual(before);
      await expect(deployer.submit([newContract(nodeIds[0], { publicIps: before.length + 1 })])).rejects.toMatchObject(
        refusedWith("FarmHasNotEnoughPublicIPs"),
      );
    });

    test("refuses a solution provider that does not exist", async () => {
      const call = newContract(ground().nodeIds[0], { solutionProviderId: 2 ** 40 });
      await expect(ground().deployer.submit([call])).rejects.toMatchObject(refusedWith("NoSuchSolutionProvider"));
    });

    test("refuses a node whose farmer wants it off", async () => {
      const { raw, deployer, nodeIds } = ground();
      const power = (target: "Up" | "Down") =>
        raw.sendOk(ground().pair("deployer"), raw.call("tfgridModule", "changePowerTarget", nodeIds[1], target));
      await ground().clear(nodeIds[1]);
      await power("Down");
      expect((await deployer.getNode(nodeIds[1]))?.isStandby).toBe(true);
      await expect(deployer.submit([newContract(nodeIds[1])])).rejects.toMatchObject(
        refusedWith("NodeNotAvailableToDeploy"),
      );
      await power("Up");
      expect(await deployer.getNode(nodeIds[1])).toMatchObject({ isStandby: false, farmId: ground().farmId });
    });

    test("knows neither contract, node nor hash that never existed", async () => {
      const { deployer } = ground();
      expect(await deployer.getContracts([2 ** 45, 2 ** 46])).toEqual([undefined, undefined]);
      expect(await deployer.getNode(4_000_000_000)).toBeUndefined();
      expect(await deployer.getContractIdByHash(4_000_000_000, freshHash())).toBeUndefined();
      expect(await deployer.getNodeContractIds(4_000_000_000)).toEqual([]);
      expect(await deployer.getFarmIps(4_000_000_000)).toEqual([]);
    });
  });
}
