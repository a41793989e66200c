import { encodeAddress } from "@polkadot/util-crypto";
import { fresh } from "../accounts";
import { newContract } from "../chain/node-contracts";
import { eventually } from "../eventually";
import type { DirectoryGround } from "./directory-ground";
import type { ContractItem, FarmItem, NodeItem } from "./items";

/** The indexer promises nothing; real ones need finality and some tens of seconds. */
const INDEXED_MS = 120_000;

/** So many of the nodes are compared with the chain. */
const SAMPLE = 50;

/** The directory tells what is on the chain. */
export function agreement(ground: () => DirectoryGround): void {
  const chain = () => ground().chain;
  const indexed = (check: () => Promise<void>) => eventually(check, INDEXED_MS);
  const nodeOf = async (nodeId: number) => {
    const [node] = await ground().ask<NodeItem[]>("/nodes", { node_id: nodeId });
    return node;
  };
  const contractOf = async (contractId: number) => {
    const [contract] = await ground().ask<ContractItem[]>("/contracts", { contract_id: contractId });
    return contract;
  };

  describe("about nodes, farms and twins", () => {
    test("lists the nodes that were made, with their farm and their twin", async () => {
      const { farmId, nodeIds } = chain();
      await indexed(async () => {
        const listed = await ground().ask<NodeItem[]>("/nodes", { farm_ids: farmId });
        expect(listed.map(({ nodeId }) => nodeId)).toEqual([...nodeIds].sort((one, other) => one - other));
      });
      for (const nodeId of nodeIds) {
        const { twinId } = (await chain().deployer.getNode(nodeId)) ?? {};
        expect(await nodeOf(nodeId)).toMatchObject({ farmId, twinId, total_resources: { cru: 8 }, country: "Belgium" });
      }
    });

    test("lists no node that the chain does not have, nor at another farm or twin", async () => {
      const listed = (await ground().nodes()).slice(-SAMPLE);
      const known = await Promise.all(listed.map(({ nodeId }) => chain().deployer.getNode(nodeId)));
      expect(known.map((node) => node && [node.nodeId, node.farmId, node.twinId])).toEqual(
        listed.map(({ nodeId, farmId, twinId }) => [nodeId, farmId, twinId]),
      );
    });

    test("lists the farm with its owner, its name and its addresses", async () => {
      const { farmId, deployer, raw } = chain();
      const { twinId } = await deployer.requireTwin();
      const record = (await raw.read("tfgridModule", "farms", farmId)) as { name: string };
      const name = Buffer.from(record.name.slice(2), "hex").toString();
      await indexed(async () => {
        const [farm] = await ground().ask<FarmItem[]>("/farms", { farm_id: farmId });
        expect(farm).toMatchObject({ farmId, twinId, name });
        const held = (await deployer.getFarmIps(farmId)).map(({ ip, gateway, contractId }) => [
          ip,
          gateway,
          contractId,
        ]);
        expect(farm?.publicIps.map(({ ip, gateway, contract_id }) => [ip, gateway, contract_id])).toEqual(
          expect.arrayContaining(held),
        );
      });
    });

    test("lists twins with the account that the chain has for them", async () => {
      const own = [await chain().deployer.requireTwin(), await chain().rival.requireTwin()];
      const strangers = (await ground().nodes()).slice(0, 5);
      const twins = await Promise.all(strangers.map(({ twinId }) => chain().deployer.getTwin(twinId)));
      for (const twin of [...own, ...twins]) {
        const expected = {
          twinId: twin?.twinId,
          accountId: encodeAddress(twin?.accountId ?? "", 42),
          relay: twin?.relay ?? "",
        };
        await indexed(async () =>
          expect(await ground().ask("/twins", { twin_id: twin?.twinId ?? 0 })).toMatchObject([expected]),
        );
      }
    });
  });

  describe("about contracts", () => {
    test("follows a node contract from its creation to its end", async () => {
      const { nodeIds, farmId, deployer } = chain();
      const { twinId } = await deployer.requireTwin();
      const call = newContract(nodeIds[0], { publicIps: 1 });
      const contractId = await chain().make(call);
      const [held] = (await deployer.getFarmIps(farmId)).filter((ip) => ip.contractId === contractId);
      await indexed(async () => {
        const contract = await contractOf(contractId);
        expect(contract).toMatchObject({
          contract_id: contractId,
          twin_id: twinId,
          state: "Created",
          type: "node",
          details: {
            nodeId: nodeIds[0],
            deployment_data: call.deploymentData,
            deployment_hash: call.deploymentHash,
            number_of_public_ips: 1,
            farm_id: farmId,
          },
        });
        expect(Math.abs((contract?.created_at ?? 0) - Date.now() / 1000)).toBeLessThan(600);
        expect(await ground().ask("/public_ips", { farm_ids: farmId, free: false })).toMatchObject([
          { ip: held?.ip, contract_id: contractId, farm_id: farmId },
        ]);
        expect(await nodeOf(nodeIds[0])).toMatchObject({ farm_free_ips: 1, rentable: false });
      });
      expect(await ground().client.listContracts(twinId)).toContainEqual({
        contractId,
        kind: "node",
        nodeId: nodeIds[0],
        deploymentData: call.deploymentData,
      });

      await chain().cancel(contractId);
      await indexed(async () => {
        expect(await contractOf(contractId)).toMatchObject({ state: "Deleted", type: "node", twin_id: twinId });
        expect(await nodeOf(nodeIds[0])).toMatchObject({ farm_free_ips: 2 });
      });
      expect((await ground().client.listContracts(twinId)).map((contract) => contract.contractId)).not.toContain(
        contractId,
      );
    });

    test("shows the new hash and data of a contract that was changed", async () => {
      const { nodeIds, deployer } = chain();
      const contractId = await chain().make(newContract(nodeIds[0]));
      const { deploymentHash, deploymentData } = newContract(nodeIds[0]);
      await deployer.submit([{ kind: "updateNodeContract", contractId, deploymentHash, deploymentData }]);
      await indexed(async () => {
        const details = { deployment_hash: deploymentHash, deployment_data: deploymentData };
        expect(await contractOf(contractId)).toMatchObject({ details });
        const found = await ground().ask<ContractItem[]>("/contracts", { deployment_hash: deploymentHash });
        expect(found.map(({ contract_id }) => contract_id)).toEqual([contractId]);
      });
      await chain().cancel(contractId);
    });

    test("lists a name contract by its name", async () => {
      const name = `c${fresh()}`;
      const contractId = await chain().make({ kind: "createNameContract", name });
      await indexed(async () => {
        expect(await ground().ask("/contracts", { name })).toMatchObject([
          { contract_id: contractId, state: "Created", type: "name", details: { name } },
        ]);
      });
      await chain().cancel(contractId);
    });

    test("shows who rents a node, and offers it to nobody else", async () => {
      const { nodeIds, rival, deployer } = chain();
      const nodeId = nodeIds[0];
      await chain().clear(nodeId);
      const renter = await rival.requireTwin();
      const other = await deployer.requireTwin();
      const isOfferedTo = async (twinId: number) =>
        (await ground().count("/nodes", { node_id: nodeId, available_for: twinId })) === 1;
      const rentContractId = await chain().make({ kind: "createRentContract", nodeId }, rival);
      await indexed(async () => {
        const rent = { rented: true, rentable: false, rentedByTwinId: renter.twinId, rentContractId };
        expect(await nodeOf(nodeId)).toMatchObject(rent);
        expect([await isOfferedTo(renter.twinId), await isOfferedTo(other.twinId)]).toEqual([true, false]);
        expect(await contractOf(rentContractId)).toMatchObject({ state: "Created", type: "rent", details: { nodeId } });
        expect(await ground().count("/nodes", { node_id: nodeId, rented_by: renter.twinId })).toBe(1);
        expect(await ground().count("/nodes", { node_id: nodeId, rentable_or_rented_by: other.twinId })).toBe(0);
      });
      await rival.submit([{ kind: "cancelContract", contractId: rentContractId }]);
      await indexed(async () => {
        const free = { rented: false, rentable: true, rentedByTwinId: 0, rentContractId: 0 };
        expect(await nodeOf(nodeId)).toMatchObject(free);
        expect(await isOfferedTo(other.twinId)).toBe(true);
      });
    });

    test("shows an extra fee, and offers such a node to nobody without a rent", async () => {
      const { nodeIds, raw, deployer } = chain();
      const nodeId = nodeIds[0];
      await chain().clear(nodeId);
      const { twinId } = await deployer.requireTwin();
      const setFee = (fee: number) =>
        raw.sendOk(chain().pair("deployer"), raw.call("smartContractModule", "setDedicatedNodeExtraFee", nodeId, fee));
      const offers = () => ground().count("/nodes", { node_id: nodeId, available_for: twinId });
      await setFee(1_500);
      await indexed(async () => {
        expect(await nodeOf(nodeId)).toMatchObject({ extraFee: 1_500 });
        expect(await offers()).toBe(0);
      });
      await setFee(0);
      await indexed(async () => expect(await offers()).toBe(1));
    });
  });
}
