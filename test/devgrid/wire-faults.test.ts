import { Secret } from "../../lib/core/secret";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { MessageFates } from "../../lib/devgrid/wire/message-fates";
import type { GridClients } from "../../lib/grid/clients";
import { connect } from "../../lib/grid/connect";
import { createKeyPair } from "../../lib/model/key-pair";

const fates = (seed: number, count = 200) => {
  const drawn = new MessageFates({ seed, loss: 0.2, disconnect: 0.1, refuse: 0.1, reorder: 0.3, duplicate: 0.3 });
  return Array.from({ length: count }, () => drawn.next());
};

test("the same seed decides the same fates, another one others", () => {
  expect(fates(7)).toEqual(fates(7));
  expect(fates(7)).not.toEqual(fates(8));
});

test("every fate is drawn about as often as asked", () => {
  const drawn = fates(1, 4000);
  const share = (isMeant: (fate: ReturnType<MessageFates["next"]>) => boolean) => drawn.filter(isMeant).length / 4000;
  expect(share(({ kind }) => kind === "lost")).toBeCloseTo(0.2, 1);
  expect(share(({ kind }) => kind === "cut")).toBeCloseTo(0.1, 1);
  expect(share(({ kind }) => kind === "refused")).toBeCloseTo(0.1, 1);
  expect(share(({ heldMs }) => heldMs > 0)).toBeCloseTo(0.3, 1);
  expect(share(({ againMs }) => againMs !== undefined)).toBeCloseTo(0.3, 1);
});

describe("on a grid", () => {
  let grid: Devgrid;
  let clients: GridClients;
  let nodeTwin: number;

  beforeAll(async () => {
    grid = await Devgrid.start();
    const { chain, relay, directory, mnemonic, nodes } = grid.describe();
    const account = await createKeyPair(new Secret(mnemonic), "ed25519");
    clients = connect({ endpoints: { chain: [chain], relay: [relay], directory: [directory] }, account });
    nodeTwin = nodes[0]?.twinId ?? 0;
    await (await clients.nodes()).call(nodeTwin, "zos.system.version");
  });
  afterAll(async () => {
    await clients?.close();
    await grid?.close();
  });
  afterEach(async () => {
    for (const service of ["chain", "relay", "directory"]) await grid.control("dev.setWireFaults", service, null);
  });

  const version = async (timeoutMs: number) =>
    (await clients.nodes()).call(nodeTwin, "zos.system.version", undefined, { timeoutMs, failFast: false });

  test("messages of the relay are lost, come twice, and overtake each other", async () => {
    await grid.control("dev.setWireFaults", "relay", { loss: 1 });
    await expect(version(300)).rejects.toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    await grid.control("dev.setWireFaults", "relay", { duplicate: 1, reorder: 0.5, seed: 3 });
    await Promise.all(Array.from({ length: 10 }, () => version(10_000)));
  });

  test("connections to the relay break and are made anew", async () => {
    await grid.control("dev.setWireFaults", "relay", { disconnect: 0.1, seed: 5 });
    for (let call = 0; call < 10; call++) await version(20_000);
    await grid.control("dev.setWireFaults", "relay", null);
    await grid.control("dev.restartRelay");
    expect(await version(20_000)).toHaveProperty("zos");
  });

  test("connections to the chain break, and every question is answered all the same", async () => {
    await grid.control("dev.setWireFaults", "chain", { disconnect: 0.03, jitterMs: 5, seed: 4 });
    const chain = await clients.chain();
    for (let question = 0; question < 10; question++) expect(await chain.getNode(1)).toHaveProperty("twinId", nodeTwin);
  });

  test("the directory answers late, breaks off and is overloaded, and is asked again", async () => {
    await grid.control("dev.setWireFaults", "directory", { disconnect: 0.3, refuse: 0.3, delayMs: 2, seed: 2 });
    expect((await clients.directory.listFarms({})).length).toBeGreaterThan(0);
    await grid.control("dev.setWireFaults", "directory", { refuse: 1 });
    await expect(clients.directory.listFarms({})).rejects.toMatchObject({ code: "TFG_DIRECTORY_UNREACHABLE" });
  });

  test.each([
    [["chain", { loss: 2 }], "faults.loss must be a number from 0 to 1"],
    [["chain", { delayMs: -1 }], "faults.delayMs must be a whole number from 0 on"],
    [["relay", { lost: 1 }], "faults.lost is none of"],
    [["kyc", { loss: 1 }], "service"],
  ])("%j is refused", async (params, reason) => {
    await expect(grid.control("dev.setWireFaults", ...params)).rejects.toThrow(reason);
  });
});
