import { fresh } from "../accounts";
import type { Ground } from "../ground";
import { refusedWith } from "./node-contracts";

/** Public notes of accounts, which carry the stamp of what has no text of its own. */
export function notes(ground: () => Ground): void {
  describe("notes", () => {
    test("keeps a text under a key for its account alone, until it is deleted", async () => {
      const { deployer, rival } = ground();
      const key = `note/${fresh()}`;
      expect(await deployer.getNote(key)).toBeUndefined();
      await deployer.submit([{ kind: "setNote", key, value: '{"ä":1}' }]);
      expect(await deployer.getNote(key)).toBe('{"ä":1}');
      expect(await rival.getNote(key)).toBeUndefined();
      await deployer.submit([{ kind: "setNote", key, value: "x".repeat(2048) }]);
      expect(await deployer.getNote(key)).toBe("x".repeat(2048));
      await deployer.submit([{ kind: "deleteNote", key }]);
      expect(await deployer.getNote(key)).toBeUndefined();
      await expect(deployer.submit([{ kind: "deleteNote", key }])).rejects.toMatchObject(refusedWith("NoValueStored"));
    });

    test("stands or falls with the rent it is about", async () => {
      const { deployer, rival, nodeIds } = ground();
      const [, nodeId] = nodeIds;
      await ground().clear(nodeId);
      const key = `rent/${fresh()}`;
      const rent = { kind: "createRentContract", nodeId } as const;
      const rentId = await ground().make(rent, rival);
      await expect(deployer.submit([rent, { kind: "setNote", key, value: "mine" }])).rejects.toMatchObject(
        refusedWith("NodeHasRentContract"),
      );
      expect(await deployer.getNote(key)).toBeUndefined();
      await rival.submit([{ kind: "cancelContract", contractId: rentId }]);

      const [made, noted] = await ground().submit([rent, { kind: "setNote", key, value: "mine" }]);
      expect(noted?.contractId).toBe(0);
      expect(await deployer.getNote(key)).toBe("mine");
      const contractId = made?.contractId ?? 0;
      await deployer.submit([
        { kind: "cancelContract", contractId },
        { kind: "deleteNote", key },
      ]);
      expect(await deployer.getNote(key)).toBeUndefined();
      expect(await deployer.getTenancy(nodeId)).toMatchObject({ rentContractId: undefined, contractIds: [] });
    });

    test.each([
      ["an empty value", { key: "k", value: "" }],
      ["a long key", { key: "k".repeat(513), value: "v" }],
      ["a long value", { key: "k", value: "v".repeat(2049) }],
    ])("refuses %s before it joins other calls", async (_, note) => {
      await expect(ground().deployer.submit([{ kind: "setNote", ...note }])).rejects.toMatchObject({
        code: "TFG_CALL_INVALID",
      });
    });
  });
}
