import type { RuntimeVersion } from "@polkadot/types/interfaces";
import type { SignatureOptions } from "@polkadot/types/types";
import { ConnectedChain, muteLibraryLog } from "./connected-chain";

const HASH = "d41d8cd98f00b204e9800998ecf8427e";
const hashOf = (index: number) => index.toString(16).padStart(32, "0");

describe("extrinsics sent by the unmodified library", () => {
  let grid: ConnectedChain;

  beforeAll(async () => {
    muteLibraryLog();
    grid = await ConnectedChain.start();
  });

  afterAll(() => grid.close());

  const create = (hash: string, data = "{}") =>
    grid.call("smartContractModule.createNodeContract", 1, hash, data, 0, null);

  test.each(["dev", "ed25519"] as const)("are accepted when signed by the %s account", async (account) => {
    const sent = await grid.send(grid.call("system.remark", "hello"), grid[account]);
    // The library drops "InBlock" when "Finalized" overtakes its look-up of the events, as on a busy machine.
    expect(sent.statuses.filter((status) => status !== "InBlock")).toEqual(["Ready", "Finalized"]);
    expect(sent.error).toBeUndefined();
  });

  test("have their events in the order of the real chain", async () => {
    const sent = await grid.send(create(hashOf(1)), grid.dev);
    expect(sent.events).toEqual([
      "balances.Withdraw",
      "smartContractModule.ContractCreated",
      "balances.Deposit",
      "transactionPayment.TransactionFeePaid",
      "system.ExtrinsicSuccess",
    ]);
  });

  test("pay 10 000 units and one for each byte, and the tip", async () => {
    const free = async () => (await grid.account(grid.alice.address)).free;
    const tx = await create(hashOf(2), "x").signAsync(grid.alice, { tip: 7 });
    const before = await free();
    await grid.send(create(hashOf(2), "x"), grid.alice, { tip: 7 });
    expect(tx.encodedLength).toBe(150);
    expect(before - (await free())).toBe(10_157n);
  });

  test("are told what they would cost before they are sent", async () => {
    const info = await create(hashOf(3), "x").paymentInfo(grid.dev);
    expect(info.partialFee.toBigInt()).toBe(10_150n);
    expect(info.class.toString()).toBe("Normal");
  });

  test("that fail after they were accepted pay and use their nonce", async () => {
    const account = () => grid.account(grid.dev.address);
    const before = await account();
    const sent = await grid.send(grid.call("smartContractModule.cancelContract", 999_999), grid.dev);
    const after = await account();
    expect(sent.error).toBe("smartContractModule.ContractNotExists");
    expect(sent.events.at(-1)).toBe("system.ExtrinsicFailed");
    expect(after.nonce).toBe(before.nonce + 1);
    expect(after.free).toBeLessThan(before.free);
  });

  test("are refused as outdated when their nonce is used", async () => {
    await grid.send(grid.call("system.remark", "one"), grid.bob);
    const refused = grid.send(grid.call("system.remark", "two"), grid.bob, { nonce: 0 });
    expect(await grid.refusal(refused)).toBe("1010: Invalid Transaction: Transaction is outdated");
  });

  test("wait as future until the nonces before them are there", async () => {
    const nonce = await grid.nextNonce(grid.bob);
    const later = grid.send(grid.call("system.remark", "later"), grid.bob, { nonce: nonce + 1 });
    const sooner = grid.send(grid.call("system.remark", "sooner"), grid.bob, { nonce });
    await sooner;
    expect((await later).statuses.filter((status) => status !== "InBlock")).toEqual(["Future", "Ready", "Finalized"]);
  });

  test("are refused when signed for another genesis, another version or by another key", async () => {
    const badSignature = "1010: Invalid Transaction: Transaction has a bad signature";
    const { genesisHash, runtimeVersion } = grid.api;
    const right = { genesisHash, blockHash: genesisHash, runtimeVersion, nonce: await grid.nextNonce(grid.dev) };
    const elsewhere = Buffer.alloc(32, 0x11);
    const older = grid.api.registry.createType<RuntimeVersion>("RuntimeVersion", {
      ...runtimeVersion.toJSON(),
      specVersion: 151,
    });
    const wrongs: Partial<SignatureOptions>[] = [
      { genesisHash: elsewhere },
      { blockHash: elsewhere },
      { runtimeVersion: older },
    ];
    for (const wrong of wrongs) {
      const signed = grid.call("system.remark", "forged").sign(grid.dev, { ...right, ...wrong });
      expect(await grid.refusal(grid.api.rpc.author.submitExtrinsic(signed.toHex()))).toBe(badSignature);
    }
    const genuine = grid.call("system.remark", "genuine").sign(grid.dev, right);
    expect((await grid.api.rpc.author.submitExtrinsic(genuine.toHex())).toHex()).toBe(genuine.hash.toHex());
    const bytes = (await grid.call("system.remark", "forged").signAsync(grid.dev)).toU8a();
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    expect(await grid.refusal(grid.api.rpc.author.submitExtrinsic(`0x${Buffer.from(bytes).toString("hex")}`))).toBe(
      badSignature,
    );
  });

  test("are refused when the account cannot pay the fee", async () => {
    const poor = grid.sr25519.addFromUri("//Poor");
    const refused = grid.send(grid.call("system.remark", "x"), poor);
    expect(await grid.refusal(refused)).toMatch(/^1010: Invalid Transaction: Inability to pay/);
  });

  test("that hold 513 bytes of deployment data are refused whole, with no word on which call is wrong", async () => {
    const batch = grid.call("utility.forceBatch", [create(hashOf(4)), create(hashOf(5), "x".repeat(513))]);
    expect(await grid.refusal(grid.send(batch, grid.dev))).toMatch(/^1011: .*wasm `unreachable`/);
    const free = await grid.send(grid.call("utility.forceBatch", [create(hashOf(5), "x".repeat(512))]), grid.dev);
    expect(free.error).toBeUndefined();
  });

  test("of 1061 node contracts are too heavy for a block, 1000 are not", async () => {
    const many = (count: number) =>
      grid.call(
        "utility.forceBatch",
        Array.from({ length: count }, (_, index) => create(hashOf(1000 + index), "x".repeat(200))),
      );
    expect(await grid.refusal(grid.send(many(1061), grid.dev))).toBe(
      "1010: Invalid Transaction: Transaction would exhaust the block limits",
    );
    const sent = await grid.send(many(1000), grid.dev);
    expect(sent.events.filter((event) => event === "smartContractModule.ContractCreated")).toHaveLength(1000);
    expect(sent.events.at(-2)).toBe("transactionPayment.TransactionFeePaid");
    const ids = await grid.read<number[]>("smartContractModule.activeNodeContracts", 1);
    const contracts = await grid.item("smartContractModule.contracts").multi(ids.slice(0, 800));
    expect(contracts.filter((contract) => !contract.isEmpty)).toHaveLength(800);
  });

  test("of several senders that wait together share a block", async () => {
    grid.chain.pauseBlocks();
    const sending = [grid.dev, grid.alice, grid.ed25519].map((who) =>
      grid.send(grid.call("system.remark", "together"), who),
    );
    await grid.pooled(3);
    grid.chain.resumeBlocks();
    const sent = await Promise.all(sending);
    expect(new Set(sent.map(({ blockHash }) => blockHash)).size).toBe(1);
  });

  test("replace one with the same nonce only for a higher tip", async () => {
    grid.chain.pauseBlocks();
    const nonce = await grid.nextNonce(grid.dev);
    const first = grid.refusal(grid.send(grid.call("system.remark", "a"), grid.dev, { nonce }));
    await grid.pooled(1);
    const second = grid.send(grid.call("system.remark", "b"), grid.dev, { nonce });
    expect(await grid.refusal(second)).toMatch(/^1014: Priority is too low/);
    const third = grid.send(grid.call("system.remark", "c"), grid.dev, { nonce, tip: 100 });
    expect(await first).toBe("Usurped");
    grid.chain.resumeBlocks();
    expect((await third).error).toBeUndefined();
  });

  test("are refused as known while the very same bytes wait, as banned afterwards, and others of the same nonce as outdated", async () => {
    grid.chain.pauseBlocks();
    const signed = await grid.call("system.remark", "same").signAsync(grid.dev, { nonce: -1 });
    const { nonce } = signed;
    const other = await grid.call("system.remark", "other").signAsync(grid.dev, { nonce });
    await grid.api.rpc.author.submitExtrinsic(signed);
    expect(await grid.refusal(grid.api.rpc.author.submitExtrinsic(signed))).toMatch(
      /^1013: Transaction Already Imported: 0x[0-9a-f]{64}$/,
    );
    expect((await grid.api.rpc.author.pendingExtrinsics()).map((one) => one.hash.toHex())).toEqual([
      signed.hash.toHex(),
    ]);
    grid.chain.produceBlock();
    grid.chain.resumeBlocks();
    expect(await grid.refusal(grid.api.rpc.author.submitExtrinsic(signed))).toMatch(/^1012: .*temporarily banned$/);
    expect(await grid.refusal(grid.api.rpc.author.submitExtrinsic(other))).toMatch(/outdated$/);
  });

  test("die with their era: dropped from the pool, banned, and refused when signed for it anew", async () => {
    grid.chain.pauseBlocks();
    const signed = await grid.call("system.remark", "mortal").signAsync(grid.dev, { nonce: -1, era: 4 });
    const { nonce } = signed;
    const late = await grid.call("system.remark", "late").signAsync(grid.dev, { nonce, era: 4 });
    const statuses: string[] = [];
    const dead = new Promise<void>((resolve, reject) => {
      signed
        .send(({ status }) => {
          statuses.push(status.type);
          if (status.isInvalid) resolve();
        })
        .catch(reject);
    });
    await grid.pooled(1);
    grid.chain.advanceTime(60 * 60_000);
    await dead;
    expect(statuses).toEqual(["Ready", "Invalid"]);
    grid.chain.resumeBlocks();
    expect(await grid.refusal(late.send())).toMatch(/bad signature|ancient birth block/);
    // For half an hour.
    expect(await grid.refusal(signed.send())).toMatch(/temporarily banned$/);
    grid.chain.advanceTime(31 * 60_000);
    expect(await grid.refusal(signed.send())).toMatch(/bad signature|ancient birth block/);
    expect((await grid.send(grid.call("system.remark", "young"), grid.dev)).error).toBeUndefined();
  });

  test("of the council are refused with BadOrigin", async () => {
    const sent = await grid.send(grid.call("tfgridModule.setFarmDedicated", 1, true), grid.dev);
    expect(sent.error).toBe("BadOrigin");
  });

  test("can be found in their block, which decodes whole", async () => {
    const sent = await grid.send(create(HASH), grid.dev);
    const { block } = await grid.api.rpc.chain.getBlock(sent.blockHash);
    const names = block.extrinsics.map(({ method }) => `${method.section}.${method.method}`);
    expect(names).toEqual(["timestamp.set", "smartContractModule.createNodeContract"]);
    expect(block.header.hash.toHex()).toBe(sent.blockHash);
  });
});
