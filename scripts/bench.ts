/** Measures what a user waits for, beside what it should take: `npm run bench`. No test: times depend on the machine. */
import { resolve } from "node:path";
import { benchHandshake } from "./bench/handshake";
import { benchLoad } from "./bench/load";
import { benchPlan } from "./bench/plan";
import type { Times } from "./bench/times";
import { needsBuild } from "./bundle/needs-build";
import { findTerraform } from "./demo/terraform-binary";

/** A line of the table. */
interface Row {
  readonly title: string;
  readonly times: Times;
  /** What it should take, in words; nothing for what is there to compare with. */
  readonly target?: string;
}

async function main(): Promise<void> {
  if (needsBuild(resolve(__dirname, ".."))) console.log("dist/ is older than its sources: npm run build first.\n");
  const terraform = await findTerraform(process.env);
  const handshake = await benchHandshake();
  const load = benchLoad();
  const plan = await benchPlan(terraform.command);
  const target = "113 ms (a bare proof of concept, Node 20)";
  show([
    { title: "Node.js alone", times: handshake.node },
    { title: "provider, start to handshake", times: handshake.provider, target },
    { title: "loading cdktf", times: load.cdktf },
    { title: "loading cdktf-threefold after it", times: load.package, target: "50 ms" },
    { title: `${terraform.command} plan, one machine, to be made`, times: plan.create, target: "1200 ms" },
    { title: `${terraform.command} plan, one machine, unchanged`, times: plan.unchanged, target: "1200 ms" },
  ]);
}

function show(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ title }) => title.length));
  const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(8);
  console.log(`${"".padEnd(width)}    MEDIAN      BEST  TARGET`);
  for (const { title, times, target = "" } of rows) {
    console.log(`${title.padEnd(width)}  ${ms(times.median)}  ${ms(times.min)}  ${target}`.trimEnd());
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
