import type { LedgerEvent } from "../../../lib/devgrid/ledger";
import { ConnectedChain, createdIn, muteLibraryLog, StillClock } from "./connected-chain";

const GIB = 1024 ** 3;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TFT = 10_000_000n;
const SMALL = { cru: 2, mru: 4 * GIB, sru: 50 * GIB, hru: 0 };
const hashOf = (index: number) => index.toString(16).padStart(32, "0");

describe("bills", () => {
  let grid: ConnectedChain;
  let told: LedgerEvent[];
  let nextHash = 1;

  beforeAll(async () => {
    muteLibraryLog();
    grid = await ConnectedChain.start({ clock: new StillClock() });
    grid.chain.subscribe((events) => told.push(...events));
  });

  beforeEach(() => {
    told = [];
    grid.chain.setBalance(grid.dev.address, 1_000_000n * TFT);
  });

  afterAll(() => grid.close());
  const reservedOf = async () => (await grid.account(grid.dev.address)).reserved;

  const paymentOf = (contractId: number) =>
    grid.read<{ standardReserve: number; standardOverdraft: number; cycles: number }>(
      "smartContractModule.contractPaymentState",
      contractId,
    );

  /** Makes a contract with one call and gives its number. */
  async function make(tx: Parameters<ConnectedChain["send"]>[0]): Promise<number> {
    const { records } = await grid.send(tx, grid.dev);
    return createdIn(records);
  }

  const makeNode = (nodeId: number, ips: number) =>
    make(grid.call("smartContractModule.createNodeContract", nodeId, hashOf(nextHash++), "{}", ips, null));

  /** What the next request for a bill charges, and at which discount. */
  async function bill(contractId: number): Promise<{ amount: bigint; level: string } | undefined> {
    const { records } = await grid.send(grid.call("smartContractModule.billContractForBlock", contractId), grid.dev);
    const billed = records.find(({ event }) => event.method === "ContractBilled")?.event.toJSON().data;
    const [one] = (billed ?? []) as { amountBilled: number; discountLevel: string }[];
    return one && { amount: BigInt(one.amountBilled), level: one.discountLevel };
  }

  test("the runtime's own bill of 67 096 units for 198 s is met", async () => {
    const id = await makeNode(1, 1);
    grid.chain.reportUsedResources(id, SMALL);
    const reserved = await reservedOf();
    grid.chain.advanceTime(198_000);
    expect(await bill(id)).toEqual({ amount: 67_096n, level: "Gold" });
    expect((await reservedOf()) - reserved).toBe(67_096n);
    await grid.send(grid.call("smartContractModule.cancelContract", id), grid.dev);
    expect(await reservedOf()).toBe(reserved);
  });

  test.each([
    [19_764n, "Gold"],
    [6_588n, "Silver"],
    [3_294n, "Bronze"],
    [1_647n, "Default"],
    [1_646n, "None"],
  ])("a balance of %s times a fifth of 10.98 USD reaches %s", async (tft, level) => {
    const id = await makeNode(1, 1);
    grid.chain.reportUsedResources(id, SMALL);
    // At 50 thousandths of a dollar a TFT is worth five times as much as in the table the edges come from.
    grid.chain.advanceTime(HOUR / 10);
    grid.chain.setBalance(grid.dev.address, (tft * TFT) / 5n + 500n + 20_000n);
    expect((await bill(id))?.level).toBe(level);
    await grid.send(grid.call("smartContractModule.cancelContract", id), grid.dev);
  });

  test("a certified node costs a quarter more", async () => {
    const ids = [await makeNode(1, 0), await makeNode(2, 0)];
    for (const id of ids) grid.chain.reportUsedResources(id, SMALL);
    grid.chain.advanceTime(600_000);
    const [plain, certified] = [await bill(ids[0] ?? 0), await bill(ids[1] ?? 0)];
    expect(((plain?.amount ?? 0n) * 125n) / 100n).toBe(certified?.amount);
    await grid.send(
      grid.call(
        "utility.batchAll",
        ids.map((id) => grid.call("smartContractModule.cancelContract", id)),
      ),
      grid.dev,
    );
  });

  test("nothing is charged before the node reports what is used", async () => {
    const id = await makeNode(1, 0);
    grid.chain.advanceTime(2 * HOUR);
    expect(await bill(id)).toBeUndefined();
    expect(grid.chain.getUsedResources(id)).toBeUndefined();
    grid.chain.reportUsedResources(id, SMALL);
    grid.chain.produceBlock();
    expect(grid.chain.getUsedResources(id)).toEqual(SMALL);
    await grid.send(grid.call("smartContractModule.cancelContract", id), grid.dev);
  });

  test("a rent charges half of the whole node, and nothing while it stands by", async () => {
    const rent = await make(grid.call("smartContractModule.createRentContract", 3, null));
    const tenant = await makeNode(3, 0);
    grid.chain.reportUsedResources(tenant, SMALL);
    grid.chain.advanceTime(HOUR - 60_000);
    grid.chain.advanceTime(60_000);
    // 24 cores, 192 GiB, 1000 GiB: 24 CU and 5 SU, halved, at 50 thousandths of a dollar and gold.
    const billed = (await paymentOf(rent)).standardReserve;
    const open = (await bill(rent))?.amount ?? 0n;
    expect(Number(BigInt(billed) + open) / 1e7).toBeCloseTo(1.06, 4);
    expect(await bill(tenant)).toBeUndefined();
    grid.chain.setNodePower(3, { state: "Down" });
    grid.chain.advanceTime(5 * HOUR);
    expect(await bill(rent)).toBeUndefined();
    grid.chain.setNodePower(3, { state: "Up" });
    await grid.send(
      grid.call("utility.batchAll", [
        grid.call("smartContractModule.cancelContract", tenant),
        grid.call("smartContractModule.cancelContract", rent),
      ]),
      grid.dev,
    );
  });

  test("each contract is billed once in 600 blocks without being asked", async () => {
    const id = await make(grid.call("smartContractModule.createNameContract", "hourly"));
    const cycles = async () => (await paymentOf(id)).cycles;
    grid.chain.advanceTime(HOUR);
    expect(await cycles()).toBe(1);
    grid.chain.advanceTime(3 * HOUR);
    expect(await cycles()).toBe(4);
    await grid.send(grid.call("smartContractModule.cancelContract", id), grid.dev);
  });

  test("an unpaid contract goes into grace, comes back when a bill can be paid, and says so", async () => {
    const id = await makeNode(1, 1);
    grid.chain.setBalance(grid.dev.address, 600n);
    grid.chain.advanceTime(HOUR);
    expect(grid.chain.getContract(id)?.state.kind).toBe("GracePeriod");
    const owed = await paymentOf(id);
    expect(owed.standardReserve).toBe(100);
    expect(owed.standardOverdraft).toBeGreaterThan(0);
    grid.chain.setBalance(grid.dev.address, 1_000n * TFT);
    expect((await bill(id))?.amount).toBe(BigInt(owed.standardOverdraft));
    expect(grid.chain.getContract(id)?.state).toEqual({ kind: "Created" });
    expect(told.map(({ kind }) => kind)).toEqual(["contractCreated", "graceStarted", "graceEnded"]);
    await grid.send(grid.call("smartContractModule.cancelContract", id), grid.dev);
  });

  test("a rent takes its tenants into grace and, after 14 days, to its end", async () => {
    const rent = await make(grid.call("smartContractModule.createRentContract", 3, null));
    const tenant = await makeNode(3, 0);
    grid.chain.setBalance(grid.dev.address, 600n);
    grid.chain.advanceTime(HOUR);
    expect(grid.chain.getContract(tenant)?.state.kind).toBe("GracePeriod");
    grid.chain.advanceTime(13 * DAY);
    expect(grid.chain.getContract(rent)?.state.kind).toBe("GracePeriod");
    grid.chain.advanceTime(DAY + HOUR);
    expect([grid.chain.getContract(rent), grid.chain.getContract(tenant)]).toEqual([undefined, undefined]);
    const ended = told.flatMap((event) => (event.kind === "contractEnded" ? [event.contract] : []));
    expect(ended.map(({ contractId, state }) => [contractId, state])).toEqual([
      [tenant, { kind: "Deleted", cause: "OutOfFunds" }],
      [rent, { kind: "Deleted", cause: "OutOfFunds" }],
    ]);
    expect(await grid.read("smartContractModule.activeNodeContracts", 3)).toEqual([]);
  });

  test("a cancel bills what is open, then frees addresses, then ends the contract", async () => {
    const id = await makeNode(1, 1);
    grid.chain.advanceTime(10_000);
    const sent = await grid.send(grid.call("smartContractModule.cancelContract", id), grid.dev);
    const order = sent.events.filter((event) => /Billed|IPsFreed|Canceled/.test(event));
    expect(order).toEqual([
      "smartContractModule.ContractBilled",
      "smartContractModule.IPsFreed",
      "smartContractModule.NodeContractCanceled",
    ]);
  });

  test("no unit is lost or made: what accounts hold is what was issued", async () => {
    const accounts = await grid.item("system.account").entries();
    const held = accounts.reduce((sum, [, account]) => {
      const { data } = account.toJSON() as { data: { free: number; reserved: number } };
      return sum + BigInt(data.free) + BigInt(data.reserved);
    }, 0n);
    expect(BigInt(await grid.read<number>("balances.totalIssuance"))).toBe(held);
  });
});
