import { agreement } from "./directory/agreement";
import { DirectoryGround } from "./directory/directory-ground";
import { lists } from "./directory/lists";
import { nodeFilters } from "./directory/node-filters";
import { liveNodes, nodes } from "./directory/nodes";
import { routes } from "./directory/routes";
import { describeWith, type GridUnderTest, type StartedGrid } from "./endpoints";

/** A test may wait for the indexer several times. */
const TEST_MS = 300_000;

/** With a chain, entering makes accounts, a farm and nodes. */
const GROUND_MS = 300_000;

/**
 * What this package relies on the directory for. It holds on the emulated directory and on any real one; with the chain
 * that it follows at hand, the two are compared as well.
 */
export function directoryContract(grid: GridUnderTest): void {
  describe(`the directory contract on ${grid.name}`, () => {
    let started: StartedGrid;
    let entered: DirectoryGround;
    const ground = () => entered;

    beforeAll(async () => {
      started = await grid.start();
      entered = await DirectoryGround.enter(started);
    }, GROUND_MS);

    afterAll(async () => {
      await entered?.leave();
      await started?.close();
    }, GROUND_MS);

    jest.setTimeout(TEST_MS);
    describeWith(grid.lacks.chain, "agreement with the chain", () => agreement(ground));
    for (const part of [routes, nodeFilters, nodes, lists]) part(ground);
    describeWith(grid.lacks.nodes, "nodes that are up", () => liveNodes(ground));
  });
}
