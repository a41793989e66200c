import { loadPolkadot } from "../../../lib/grid/chain/polkadot-library";

test("the chain library's own lines go to the log, everybody else's stay on the console", async () => {
  const printed: unknown[][] = [];
  const originals = { ...globalThis.console };
  const logged: string[] = [];
  try {
    for (const method of ["log", "warn", "error"] as const) {
      globalThis.console[method] = (...values: unknown[]) => void printed.push(values);
    }
    await loadPolkadot((level, message) => logged.push(`${level} ${message}`));
    const { console: out } = globalThis;
    out.log("2026-01-01 00:00:00", "        API-WS:", "disconnected", 1006);
    out.error("2026-01-01 00:00:00", "        RPC-CORE:", "failed");
    out.log("mine", "also mine");
  } finally {
    Object.assign(globalThis.console, originals);
  }
  expect(printed).toEqual([["mine", "also mine"]]);
  expect(logged).toEqual(["debug chain library: disconnected 1006", "debug chain library: failed"]);
});
