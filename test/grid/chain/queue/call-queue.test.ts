/** What travels together, on a devgrid whose time is simulated. */
import { Secret } from "../../../../lib/core/secret";
import { connectChain } from "../../../../lib/grid/chain/connect-chain";
import type { ChainClient } from "../../../../lib/grid/clients";
import { createKeyPair } from "../../../../lib/model/key-pair";
import { Lab } from "../../../support/simulation/lab";

let lab: Lab;
let client: ChainClient;

beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab?.close());

beforeEach(async () => {
  lab = await lab.anew();
  const account = await createKeyPair(new Secret(lab.seed), "ed25519");
  const { clock } = lab.world;
  client = await inLab(() => connectChain({ urls: [lab.grid.describe().chain], account, clock }));
});
afterEach(() => lab.run(() => client.close()));

/** Runs something in the world of the lab. */
const inLab = <T>(work: () => Promise<T>) => lab.run(() => lab.world.as(undefined, work));

const note = (key: string) => client.submit([{ kind: "setNote", key, value: "x" }]);

/** Runs something and gives how many extrinsics it took. */
async function sent(work: () => Promise<unknown>): Promise<number> {
  const before = lab.extrinsics();
  await inLab(work);
  return lab.extrinsics() - before;
}

/** One that is sent so much later. */
async function late(ms: number, key: string): Promise<unknown> {
  await lab.world.clock.sleep(ms);
  return note(key);
}

test("calls of one moment share an extrinsic, later ones do not", async () => {
  expect(await sent(() => Promise.all([note("a"), note("b")]))).toBe(1);
  expect(await sent(() => Promise.all([note("a"), late(150, "b")]))).toBe(2);
});

test("a batch waits for calls that were announced", async () => {
  const announced = async (arrived: () => void) => {
    await lab.world.clock.sleep(900);
    const settled = note("b");
    arrived();
    return settled;
  };
  expect(await sent(() => Promise.all([note("a"), announced(client.announce())]))).toBe(1);
});

test("a batch waits a second at most for calls that do not come", async () => {
  client.announce();
  expect(await sent(() => Promise.all([note("a"), late(950, "b"), late(1_050, "c")]))).toBe(2);
});

test("a batch does not wait for what has been called off, however often that is said", async () => {
  const other = client.announce();
  const calledOff = client.announce();
  calledOff();
  calledOff();
  expect(await sent(() => Promise.all([note("a"), late(350, "b")]))).toBe(1);
  other();
  expect(await sent(() => Promise.all([note("a"), late(350, "b")]))).toBe(2);
});
