import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { transformSync } from "esbuild";

const PORT = 7000;

/** Who can be called, and where. */
export interface Callee {
  /** Namespace it is in. */
  readonly name: string;
  readonly ip: string;
}

/** Lets each call every other over UDP. Gives, by `from -> to`, who answered and which address that one saw. */
export async function callEachOther(
  callees: readonly Callee[],
  start: (name: string, command: readonly string[]) => ChildProcess,
  deadlineMs: number,
): Promise<Record<string, unknown>> {
  const program = transformSync(readFileSync(join(__dirname, "../udp-echo-main.ts"), "utf8"), {
    loader: "ts",
    format: "cjs",
  }).code;
  const calling = callees.map((callee) => {
    const command = [process.execPath, "-e", program, callee.name, String(PORT), String(deadlineMs)];
    const child = start(callee.name, command);
    const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
    return { callee, child, lines };
  });
  await Promise.all(calling.map(({ lines }) => lines.next()));
  const results = await Promise.all(
    calling.map(async ({ callee, child, lines }) => {
      const others = callees.filter((other) => other !== callee);
      child.stdin?.write(`${JSON.stringify(others.map(({ ip }) => ip))}\n`);
      const { value } = await lines.next();
      const answers = JSON.parse(value ?? "{}") as Record<string, unknown>;
      return others.map((other) => [`${callee.name} -> ${other.name}`, answers[other.ip] ?? "no answer"] as const);
    }),
  );
  for (const { child } of calling) child.kill();
  return Object.fromEntries(results.flat());
}
