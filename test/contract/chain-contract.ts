import { batches } from "./chain/batches";
import { fees } from "./chain/fees";
import { nameContracts, rentContracts } from "./chain/name-and-rent-contracts";
import { nodeContracts } from "./chain/node-contracts";
import { notes } from "./chain/notes";
import { nonces, queue } from "./chain/queue";
import { termsAndTwins } from "./chain/terms-and-twins";
import { type GridUnderTest, requireUrl, type StartedGrid } from "./endpoints";
import { Ground } from "./ground";

/** A real chain takes 6 s per block, and a test some ten of them. */
const TEST_MS = 180_000;

/** Entering makes accounts, twins, farm and nodes one after the other. */
const GROUND_MS = 300_000;

/**
 * What this package relies on the chain for. It holds on the emulated chain and on any real one that has the pallets:
 * the suite brings its own accounts, farm and nodes, and takes away what can be taken away.
 */
export function chainContract(grid: GridUnderTest): void {
  describe(`the chain contract on ${grid.name}`, () => {
    let started: StartedGrid;
    let entered: Ground;
    const ground = () => entered;

    beforeAll(async () => {
      started = await grid.start();
      entered = await Ground.enter({ url: requireUrl(started, "chain"), secret: started.secret });
    }, GROUND_MS);

    afterAll(async () => {
      await entered?.leave();
      await started?.close();
    }, GROUND_MS);

    jest.setTimeout(TEST_MS);
    for (const part of [
      termsAndTwins,
      nodeContracts,
      nameContracts,
      rentContracts,
      notes,
      batches,
      queue,
      nonces,
      fees,
    ]) {
      part(ground);
    }
  });
}
