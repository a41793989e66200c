import { freshHash } from "../accounts";
import type { Ground } from "../ground";
import { newContract } from "./node-contracts";

/** What calls cost. */
export function fees(ground: () => Ground): void {
  const create = () => {
    const { raw, nodeIds } = ground();
    return raw.call("smartContractModule", "createNodeContract", nodeIds[0], freshHash(), "{}", 0, null);
  };

  describe("fees", () => {
    test("takes exactly what it said beforehand from the free balance", async () => {
      const { raw } = ground();
      const pair = ground().pair("rival");
      const call = raw.call("tfkvStore", "set", "contract", "suite");
      const estimate = (await call.paymentInfo(pair, { era: 0 })).partialFee.toBigInt();
      const before = await raw.freeBalance(pair.address);
      const { fee } = await raw.sendOk(pair, call);
      expect(fee).toBe(estimate);
      expect(before - (await raw.freeBalance(pair.address))).toBe(fee);
      await raw.sendOk(pair, raw.call("tfkvStore", "delete", "contract"));
    });

    test("costs a batch less than its calls one by one", async () => {
      const { raw } = ground();
      const pair = ground().pair("deployer");
      const one = (await create().paymentInfo(pair)).partialFee.toBigInt();
      const ten = await raw.call("utility", "forceBatch", Array.from({ length: 10 }, create)).paymentInfo(pair);
      expect(ten.partialFee.toBigInt()).toBeLessThan(10n * one);
    });

    test("lets a call that fails pay, and one that is refused pay nothing", async () => {
      const { raw } = ground();
      const pair = ground().pair("rival");
      const failed = await raw.send(pair, raw.call("smartContractModule", "cancelContract", 2 ** 45));
      expect(failed.error).toBe("ContractNotExists");
      expect(failed.fee).toBeGreaterThan(0n);
    });

    test("says what is missing when an account cannot pay", async () => {
      const { client } = await ground().newcomer({ isFunded: false });
      await expect(client.submit([newContract(ground().nodeIds[0])])).rejects.toMatchObject({
        code: "TFG_BALANCE",
        facts: { account: client.account.address, usable: "0 TFT" },
      });
    });

    test("counts as usable what is neither held nor needed to keep the account alive", async () => {
      const { raw, deployer } = ground();
      const { free, usable } = await deployer.getBalance();
      expect(free).toBe(await raw.freeBalance(deployer.account.address));
      expect(usable).toBeLessThan(free);
      expect(usable).toBeGreaterThan(0n);
      const { client } = await ground().newcomer({ isFunded: false });
      expect(await client.getBalance()).toEqual({ free: 0n, reserved: 0n, usable: 0n });
    });
  });
}
