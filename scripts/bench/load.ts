import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { type Times, timesOf } from "./times";

const root = resolve(__dirname, "../..");

/** How long a process takes to load the built package after cdktf, which a program loads anyway. */
export function benchLoad(rounds = 7): { readonly cdktf: Times; readonly package: Times } {
  const program = `
    const start = process.hrtime.bigint();
    require("cdktf");
    const between = process.hrtime.bigint();
    require("cdktf-threefold");
    console.log(JSON.stringify([between - start, process.hrtime.bigint() - between].map((ns) => Number(ns) / 1e6)));`;
  const cdktf: number[] = [];
  const own: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const said = execFileSync(process.execPath, ["-e", program], { cwd: root, encoding: "utf8" });
    const [first = Number.NaN, second = Number.NaN] = JSON.parse(said) as number[];
    if (round === 0) continue;
    cdktf.push(first);
    own.push(second);
  }
  return { cdktf: timesOf(cdktf), package: timesOf(own) };
}
