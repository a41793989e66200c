import { freshHash } from "../accounts";
import type { Ground } from "../ground";

/** What the utility pallet does with several calls, seen by a client that does nothing clever. */
export function batches(ground: () => Ground): void {
  const good = () => {
    const { raw, nodeIds } = ground();
    return raw.call("smartContractModule", "createNodeContract", nodeIds[0], freshHash(), "{}", 0, null);
  };
  const bad = () => ground().raw.call("smartContractModule", "cancelContract", 2 ** 45);
  const send = async (kind: string, calls: unknown[]) => {
    const result = await ground().raw.send(ground().pair("deployer"), ground().raw.call("utility", kind, calls));
    result.data.forEach((fields, index) => {
      if (result.events[index] === "smartContractModule.ContractCreated") ground().remember(fields[0]);
    });
    return result;
  };
  const count = (events: readonly string[], name: string) => events.filter((event) => event === name).length;

  describe("batches", () => {
    test("batch stops at the first refusal, keeps what went before, and still reports success", async () => {
      const { events, data, error } = await send("batch", [good(), bad(), good()]);
      expect(error).toBeUndefined();
      expect(count(events, "smartContractModule.ContractCreated")).toBe(1);
      const [index, reason] = data[events.indexOf("utility.BatchInterrupted")] ?? [];
      expect(index).toBe(1);
      expect(ground().raw.errorName(reason)).toBe("ContractNotExists");
    });

    test("batch_all undoes everything at the first refusal and fails with its error", async () => {
      const { events, error } = await send("batchAll", [good(), bad(), good()]);
      expect(error).toBe("ContractNotExists");
      expect(count(events, "smartContractModule.ContractCreated")).toBe(0);
      expect(count(events, "utility.ItemCompleted")).toBe(0);
    });

    test("force_batch runs every call and reports each", async () => {
      const { events, error } = await send("forceBatch", [good(), bad(), good()]);
      expect(error).toBeUndefined();
      expect(events.filter((event) => event.startsWith("utility.") || event.endsWith("ContractCreated"))).toEqual([
        "smartContractModule.ContractCreated",
        "utility.ItemCompleted",
        "utility.ItemFailed",
        "smartContractModule.ContractCreated",
        "utility.ItemCompleted",
        "utility.BatchCompletedWithErrors",
      ]);
    });

    test("an inner batch_all is atomic, marks its own calls, and leaves its neighbours alone", async () => {
      const { raw } = ground();
      const all = (...calls: unknown[]) => raw.call("utility", "batchAll", calls);
      const { events } = await send("forceBatch", [good(), all(good(), bad()), all(good(), good())]);
      expect(events.filter((event) => event.startsWith("utility.") || event.endsWith("ContractCreated"))).toEqual([
        "smartContractModule.ContractCreated",
        "utility.ItemCompleted",
        "utility.ItemFailed",
        "smartContractModule.ContractCreated",
        "utility.ItemCompleted",
        "smartContractModule.ContractCreated",
        "utility.ItemCompleted",
        "utility.BatchCompleted",
        "utility.ItemCompleted",
        "utility.BatchCompletedWithErrors",
      ]);
    });

    test("one call that cannot be decoded takes the whole extrinsic with it", async () => {
      const { raw, nodeIds } = ground();
      const data = `0x${"61".repeat(513)}`;
      const long = raw.call("smartContractModule", "createNodeContract", nodeIds[0], freshHash(), data, 0, null);
      const before = await raw.nonce(ground().pair("deployer").address);
      await expect(send("forceBatch", [good(), long])).rejects.toThrow(/^10(02|11)/);
      expect(await raw.nonce(ground().pair("deployer").address)).toBe(before);
    });
  });
}
