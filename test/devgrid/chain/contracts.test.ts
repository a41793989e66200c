import { ConnectedChain, createdIn, muteLibraryLog, type Pair, StillClock, type Tx } from "./connected-chain";

const hashOf = (index: number) => index.toString(16).padStart(32, "0");

describe("calls of a deployer", () => {
  let grid: ConnectedChain;
  let nextHash = 1;

  beforeAll(async () => {
    muteLibraryLog();
    // Contracts that stood for a second or more would be billed when they end.
    grid = await ConnectedChain.start({ clock: new StillClock() });
  });

  afterAll(() => grid.close());
  const node = (nodeId: number, options: { ips?: number; hash?: string; provider?: number } = {}) =>
    grid.call(
      "smartContractModule.createNodeContract",
      nodeId,
      options.hash ?? hashOf(nextHash++),
      "{}",
      options.ips ?? 0,
      options.provider ?? null,
    );

  /** Runs calls in one force_batch: what each gave, its contract id or the name of its error. */
  async function run(signer: Pair, ...batch: Tx[]): Promise<(string | number)[]> {
    const { records } = await grid.send(grid.call("utility.forceBatch", batch), signer);
    const results: (string | number)[] = [];
    let made = 0;
    for (const record of records) {
      const { event } = record;
      if (event.method === "ContractCreated") made = createdIn([record]);
      if (event.method === "ItemCompleted") results.push(made);
      if (event.method === "ItemFailed") results.push(errorName(event.data[0]));
    }
    return results;
  }

  function errorName(error: unknown): string {
    const failure = error as { isModule: boolean; asModule: never; toString(): string };
    return failure.isModule ? grid.api.registry.findMetaError(failure.asModule).name : String(failure);
  }

  async function errorOf(signer: Pair, tx: Tx): Promise<string | number | undefined> {
    return (await run(signer, tx))[0];
  }

  test("a twin is checked before its node, and a node before its tenancy", async () => {
    const results = [
      await errorOf(grid.charlie, node(99)),
      await errorOf(grid.dev, node(99)),
      await errorOf(grid.dev, node(3, { ips: 9 })),
      await errorOf(grid.dev, node(1, { ips: 9 })),
      await errorOf(grid.dev, node(1, { provider: 7 })),
    ];
    expect(results).toEqual([
      "TwinNotExists",
      "NodeNotExists",
      "NodeNotAvailableToDeploy",
      "FarmHasNotEnoughPublicIPs",
      "NoSuchSolutionProvider",
    ]);
  });

  test("a node that is off, or is to be off, takes no contract, but may be rented", async () => {
    grid.chain.setNodePower(2, { state: "Down" });
    expect(await errorOf(grid.dev, node(2))).toBe("NodeNotAvailableToDeploy");
    grid.chain.setNodePower(2, { state: "Up", target: "Down" });
    expect(await errorOf(grid.dev, node(2))).toBe("NodeNotAvailableToDeploy");
    const [rent, cancelled] = await run(
      grid.dev,
      grid.call("smartContractModule.createRentContract", 2, null),
      grid.call("smartContractModule.cancelContract", 9999),
    );
    expect([typeof rent, cancelled]).toEqual(["number", "ContractNotExists"]);
    await run(grid.dev, grid.call("smartContractModule.cancelContract", rent ?? 0));
    grid.chain.setNodePower(2, { target: "Up" });
  });

  test("public addresses are given in the farm's order, run out, and come back", async () => {
    const [first, second, third] = await run(grid.dev, node(1, { ips: 1 }), node(1, { ips: 2 }), node(1, { ips: 1 }));
    expect(second).toBe("FarmHasNotEnoughPublicIPsFree");
    const contract = grid.chain.getContract(Number(first));
    expect(contract?.kind === "node" && contract.publicIpsList).toEqual([
      { ip: "203.0.113.11/24", gateway: "203.0.113.1", contractId: first },
    ]);
    const sent = await grid.send(grid.call("smartContractModule.cancelContract", first ?? 0), grid.dev);
    expect(sent.events.filter((event) => event.startsWith("smart"))).toEqual([
      "smartContractModule.IPsFreed",
      "smartContractModule.NodeContractCanceled",
    ]);
    await run(grid.dev, grid.call("smartContractModule.cancelContract", third ?? 0));
    expect(grid.chain.getFarm(1)?.publicIps.map(({ contractId }) => contractId)).toEqual([0, 0]);
  });

  test("what belongs to another twin, is in grace or is of another kind is not updated", async () => {
    const [mine, name] = await run(grid.dev, node(1), grid.call("smartContractModule.createNameContract", "updates"));
    const update = (id: string | number | undefined) =>
      grid.call("smartContractModule.updateNodeContract", id ?? 0, hashOf(nextHash++), "{}");
    expect(await errorOf(grid.alice, update(mine))).toBe("TwinNotAuthorizedToUpdateContract");
    expect(await errorOf(grid.dev, update(name))).toBe("InvalidContractType");
    grid.chain.setGrace(Number(mine));
    expect(await errorOf(grid.dev, update(mine))).toBe("CannotUpdateContractInGraceState");
    expect(await errorOf(grid.alice, grid.call("smartContractModule.cancelContract", mine ?? 0))).toBe(
      "TwinNotAuthorizedToCancelContract",
    );
    expect(
      await run(
        grid.dev,
        grid.call("smartContractModule.cancelContract", mine ?? 0),
        grid.call("smartContractModule.cancelContract", mine ?? 0),
      ),
    ).toEqual([0, "ContractNotExists"]);
  });

  test("a rent ends only after everything on its node, and keeps others off", async () => {
    const [rent] = await run(grid.dev, grid.call("smartContractModule.createRentContract", 3, null));
    expect(await errorOf(grid.alice, node(3))).toBe("NodeNotAvailableToDeploy");
    expect(await errorOf(grid.alice, grid.call("smartContractModule.createRentContract", 3, null))).toBe(
      "NodeHasRentContract",
    );
    const [tenant, tooEarly] = await run(grid.dev, node(3), grid.call("smartContractModule.cancelContract", rent ?? 0));
    expect(tooEarly).toBe("NodeHasActiveContracts");
    expect(
      await run(
        grid.dev,
        grid.call("smartContractModule.cancelContract", tenant ?? 0),
        grid.call("smartContractModule.cancelContract", rent ?? 0),
      ),
    ).toEqual([0, 0]);
    expect(grid.chain.getRentContractId(3)).toBeUndefined();
  });

  test("names are checked for length, then form, then whether they are taken", async () => {
    const names = ["ab", "x".repeat(65), "No", "Nope", "no.pe", "taken-1", "taken-1"];
    expect(
      await run(grid.dev, ...names.map((name) => grid.call("smartContractModule.createNameContract", name))),
    ).toEqual([
      "NameContractNameTooShort",
      "NameContractNameTooLong",
      "NameContractNameTooShort",
      "NameNotValid",
      "NameNotValid",
      expect.any(Number),
      "NameExists",
    ]);
  });

  test("batches nest: an inner group is atomic and its neighbours stand", async () => {
    const group = grid.call("utility.batchAll", [
      grid.call("smartContractModule.createNameContract", "group"),
      grid.call("smartContractModule.createNameContract", "No"),
    ]);
    const sent = await grid.send(
      grid.call("utility.forceBatch", [node(1), group, grid.call("utility.batch", [node(1), node(99)])]),
      grid.dev,
    );
    expect(sent.events.filter((event) => !/balances|transactionPayment/.test(event))).toEqual([
      "smartContractModule.ContractCreated",
      "utility.ItemCompleted",
      "utility.ItemFailed",
      "smartContractModule.ContractCreated",
      "utility.ItemCompleted",
      "utility.BatchInterrupted",
      "utility.ItemCompleted",
      "utility.BatchCompletedWithErrors",
      "system.ExtrinsicSuccess",
    ]);
    expect(await grid.read("smartContractModule.contractIDByNameRegistration", "group")).toBe(0);
  });

  test("a batch_all inside a batch_all is filtered", async () => {
    const sent = await grid.send(grid.call("utility.batchAll", [grid.call("utility.batchAll", [node(1)])]), grid.dev);
    expect(sent.error).toBe("system.CallFiltered");
  });

  test("a newcomer needs money, accepted terms and then gets one twin", async () => {
    const newcomer = grid.sr25519.addFromUri("//Newcomer");
    const funded = await grid.send(grid.call("balances.transferKeepAlive", newcomer.address, 100_000_000), grid.bob);
    expect(funded.events.slice(1, 4)).toEqual(["system.NewAccount", "balances.Endowed", "balances.Transfer"]);
    const results = await run(
      newcomer,
      grid.call("tfgridModule.createTwin", "relay.dev.grid.tf", null),
      grid.call(
        "tfgridModule.userAcceptTc",
        "https://library.threefold.me/info/legal/#/",
        "d41d8cd98f00b204e9800998ecf8427e",
      ),
      grid.call("tfgridModule.createTwin", "two..dots", null),
      grid.call("tfgridModule.createTwin", "ws:/127.0.0.1:9102", `0x${"02".repeat(33)}`),
      grid.call("tfgridModule.createTwin", null, null),
      grid.call("tfgridModule.updateTwin", null, null),
    );
    expect(results).toEqual([
      "UserDidNotSignTermsAndConditions",
      0,
      "InvalidRelayAddress",
      0,
      "TwinWithPubkeyExists",
      0,
    ]);
    const twin = grid.chain.listTwins().at(-1);
    expect([twin?.relay, twin?.encryptionKey]).toEqual([undefined, undefined]);
  });

  test("a transfer leaves the existential deposit when it must keep the sender alive", async () => {
    const small = grid.sr25519.addFromUri("//Small");
    expect(await errorOf(grid.bob, grid.call("balances.transferKeepAlive", small.address, 499))).toBe(
      '{"token":"BelowMinimum"}',
    );
    await grid.send(grid.call("balances.transferAllowDeath", small.address, 1_000_000), grid.bob);
    expect((await grid.send(grid.call("balances.transferKeepAlive", grid.bob.address, 989_500), small)).error).toBe(
      '{"token":"NotExpendable"}',
    );
    expect((await grid.send(grid.call("balances.transferKeepAlive", grid.bob.address, 99_000_000), small)).error).toBe(
      '{"token":"FundsUnavailable"}',
    );
    const emptied = await grid.send(grid.call("balances.transferAll", grid.bob.address, false), small);
    expect(emptied.events).toContain("system.KilledAccount");
    expect((await grid.account(small.address)).free).toBe(0n);
  });

  test("notes of an account are stored, read and removed", async () => {
    expect(
      await run(grid.dev, grid.call("tfkvStore.set", "key", "value"), grid.call("tfkvStore.set", "k".repeat(513), "v")),
    ).toEqual([0, "KeyIsTooLarge"]);
    const stored = await grid.read("tfkvStore.tfkvStore", grid.dev.address, "key");
    expect(stored).toBe(`0x${Buffer.from("value").toString("hex")}`);
    expect(await run(grid.dev, grid.call("tfkvStore.delete", "key"), grid.call("tfkvStore.delete", "key"))).toEqual([
      0,
      "NoValueStored",
    ]);
  });

  test("a farmer makes farms, gives them addresses, and asks more for a node", async () => {
    const ip = { ip: "185.69.166.10/24", gw: "185.69.166.1" };
    expect(
      await run(
        grid.alice,
        grid.call("tfgridModule.createFarm", "ab", []),
        grid.call("tfgridModule.createFarm", "my farm", []),
        grid.call("tfgridModule.createFarm", "open", []),
        grid.call("tfgridModule.createFarm", "mine", [{ ip: "10.0.0.1/8", gw: "10.0.0.2" }]),
        grid.call("tfgridModule.createFarm", "mine", [ip, ip]),
        grid.call("tfgridModule.createFarm", "mine", [ip]),
        grid.call("tfgridModule.addFarmIp", 1, "185.69.166.11/24", "185.69.166.1"),
        grid.call("tfgridModule.addFarmIp", 3, ip.ip, ip.gw),
        grid.call("tfgridModule.addFarmIp", 3, "185.69.166.11/24", "185.69.167.1"),
        grid.call("tfgridModule.removeFarmIp", 3, "185.69.166.99/24"),
        grid.call("tfgridModule.removeFarmIp", 3, ip.ip),
        grid.call("smartContractModule.setDedicatedNodeExtraFee", 1, 1000),
      ),
    ).toEqual([
      "FarmNameTooShort",
      "InvalidFarmName",
      "FarmExists",
      "InvalidPublicIP",
      "IpExists",
      0,
      "CannotUpdateFarmWrongTwin",
      "IpExists",
      "InvalidPublicIP",
      "IpNotExists",
      0,
      "UnauthorizedToSetExtraFee",
    ]);
  });

  test("every call is counted, those inside batches too", () => {
    const { calls: counted, extrinsics, blocks } = grid.chain.stats;
    expect(counted.get("SmartContractModule.create_rent_contract")).toBe(3);
    expect(counted.get("Utility.force_batch")).toBeGreaterThan(10);
    expect(extrinsics).toBeLessThanOrEqual(blocks);
  });
});
