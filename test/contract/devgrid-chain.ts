import { systemClock } from "../../lib/core/clock";
import { DevgridChain } from "../../lib/devgrid/chain/devgrid-chain";
import type { ChainUnderTest } from "./ground";

/** The emulated chain by itself, with its development accounts and nothing else on it. */
export async function devgridChain(): Promise<ChainUnderTest> {
  const chain = await DevgridChain.create({ clock: systemClock, blockMs: "instant" });
  const url = await chain.listen();
  return { url, secret: "//Alice", close: () => chain.close() };
}
