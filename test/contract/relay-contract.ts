import { describeWith, type GridUnderTest, type StartedGrid } from "./endpoints";
import { BusGround } from "./relay/bus-ground";
import { client } from "./relay/client";
import { nodeCalls } from "./relay/node-calls";
import { routing } from "./relay/routing";
import { sessions } from "./relay/sessions";
import { tokens } from "./relay/tokens";

/** Nothing waits for blocks here, but a node on another continent may take its time. */
const TEST_MS = 60_000;

/** Entering makes twins on a chain, and waits until the relay has heard of them. */
const GROUND_MS = 300_000;

/**
 * What this package relies on the message bus for. It holds on the emulated relay and on any real one: the suite brings
 * its own twins, made on the chain that the relay looks at.
 */
export function relayContract(grid: GridUnderTest): void {
  describe(`the relay contract on ${grid.name}`, () => {
    let started: StartedGrid;
    let entered: BusGround;
    const bus = () => entered;

    beforeAll(async () => {
      started = await grid.start();
      entered = await BusGround.enter(started);
    }, GROUND_MS);

    afterEach(() => entered?.hangUp());

    afterAll(async () => {
      await entered?.leave();
      await started?.close();
    }, GROUND_MS);

    jest.setTimeout(TEST_MS);
    for (const part of [tokens, sessions, routing, client]) part(bus);
    describeWith(grid.lacks.nodes, "nodes", () => nodeCalls(bus));
  });
}
