import { fresh } from "../accounts";
import type { Ground } from "../ground";
import { newContract, refusedWith } from "./node-contracts";

/** Names of the whole network. */
export function nameContracts(ground: () => Ground): void {
  describe("name contracts", () => {
    test("reserves a name for one owner until it is cancelled", async () => {
      const { deployer, rival } = ground();
      const call = { kind: "createNameContract", name: `c-${fresh()}` } as const;
      const contractId = await ground().make(call);
      expect(await deployer.getContract(contractId)).toMatchObject({ kind: "name", name: call.name });
      expect(await rival.getContractIdByName(call.name)).toBe(contractId);
      await expect(rival.submit([call])).rejects.toMatchObject(refusedWith("NameExists"));

      await ground().cancel(contractId);
      expect(await rival.getContractIdByName(call.name)).toBeUndefined();
      expect(await ground().make(call, rival)).toBeGreaterThan(contractId);
    });

    test.each([
      ["ab", "NameContractNameTooShort"],
      ["a".repeat(65), "NameContractNameTooLong"],
      ["Capital", "NameNotValid"],
      ["dotted.name", "NameNotValid"],
    ])("refuses the name %s", async (name, error) => {
      const { raw } = ground();
      const call = raw.call("smartContractModule", "createNameContract", `0x${Buffer.from(name).toString("hex")}`);
      expect((await raw.send(ground().pair("deployer"), call)).error).toBe(error);
    });
  });
}

/** Whole nodes. */
export function rentContracts(ground: () => Ground): void {
  describe("rent contracts", () => {
    test("keeps a node for its renter, and ends last", async () => {
      const { deployer, rival, nodeIds } = ground();
      const nodeId = nodeIds[1];
      await ground().clear(nodeId);
      const rentId = await ground().make({ kind: "createRentContract", nodeId });
      expect(await deployer.getContract(rentId)).toMatchObject({ kind: "rent", nodeId });
      expect(await rival.getRentContractId(nodeId)).toBe(rentId);

      await expect(rival.submit([{ kind: "createRentContract", nodeId }])).rejects.toMatchObject(
        refusedWith("NodeHasRentContract"),
      );
      const { twinId } = await deployer.requireTwin();
      await expect(rival.submit([newContract(nodeId)])).rejects.toMatchObject({
        facts: { error: "NodeNotAvailableToDeploy", "rented by": `twin ${twinId}`, power: "on" },
      });

      const contractId = await ground().make(newContract(nodeId));
      await expect(ground().cancel(rentId)).rejects.toMatchObject(refusedWith("NodeHasActiveContracts"));
      await ground().cancel(contractId);
      await ground().cancel(rentId);
      expect(await rival.getRentContractId(nodeId)).toBeUndefined();
    });

    test("refuses a node that is in use, and one that does not exist", async () => {
      const { deployer, rival, nodeIds } = ground();
      await ground().make(newContract(nodeIds[0]), rival);
      await expect(deployer.submit([{ kind: "createRentContract", nodeId: nodeIds[0] }])).rejects.toMatchObject(
        refusedWith("NodeNotAvailableToDeploy"),
      );
      await expect(deployer.submit([{ kind: "createRentContract", nodeId: 4_000_000_000 }])).rejects.toMatchObject(
        refusedWith("NodeNotExists"),
      );
    });

    test("is the only way onto a node with an extra fee", async () => {
      const { raw, deployer, nodeIds } = ground();
      const nodeId = nodeIds[1];
      await ground().clear(nodeId);
      const fee = (units: number) => raw.call("smartContractModule", "setDedicatedNodeExtraFee", nodeId, units);
      expect((await raw.send(ground().pair("rival"), fee(1_000))).error).toBe("UnauthorizedToSetExtraFee");
      await raw.sendOk(ground().pair("deployer"), fee(1_000));
      await expect(deployer.submit([newContract(nodeId)])).rejects.toMatchObject(
        refusedWith("NodeNotAvailableToDeploy"),
      );
      const rentId = await ground().make({ kind: "createRentContract", nodeId });
      const contractId = await ground().make(newContract(nodeId));
      await ground().cancel(contractId);
      await ground().cancel(rentId);
      await raw.sendOk(ground().pair("deployer"), fee(0));
      expect(await ground().make(newContract(nodeId))).toBeGreaterThan(contractId);
    });
  });
}
