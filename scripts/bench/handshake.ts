import { spawn } from "node:child_process";
import { join } from "node:path";
import { makeCertificate } from "../../lib/provider/server/process/certificate";

/** Times of one program, in milliseconds. */
interface Times {
  readonly median: number;
  readonly min: number;
}

/**
 * Prints how long the built provider takes from its start to the handshake line Terraform waits for, beside what Node.js
 * alone takes. Terraform starts a provider two to five times per command.
 */
export async function benchHandshake(rounds = 15): Promise<void> {
  const provider = join(__dirname, "../../dist/provider/provider.cjs");
  const programs = { "node alone": ["-e", 'process.stdout.write("ready\\n")'], provider: [provider] };
  for (const [name, times] of Object.entries(await measure(programs, rounds))) {
    console.log(`${name.padEnd(12)} median ${times.median.toFixed(0)} ms, min ${times.min.toFixed(0)} ms`);
  }
}

/** Runs the programs in turn, so that a busy moment of the machine hits all of them. The first round warms up. */
async function measure(programs: Readonly<Record<string, readonly string[]>>, rounds: number) {
  const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, args] of Object.entries(programs)) {
      const ms = await firstOutput(args);
      if (round > 0) times.get(name)?.push(ms);
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, summary(list)]));
}

/** Milliseconds until a program writes its first output, started as Terraform starts a provider. */
function firstOutput(args: readonly string[]): Promise<number> {
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, args, { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let ms: number | undefined;
    child.once("error", reject);
    child.stdout.once("data", () => {
      ms = Number(process.hrtime.bigint() - start) / 1e6;
      child.kill("SIGTERM");
    });
    child.once("close", () => (ms === undefined ? reject(new Error(`${args.join(" ")} wrote nothing`)) : resolve(ms)));
  });
}

const environment = {
  PATH: process.env.PATH,
  TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
  PLUGIN_PROTOCOL_VERSIONS: "5,6",
  PLUGIN_CLIENT_CERT: makeCertificate().cert,
};

function summary(times: number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, min: sorted[0] ?? Number.NaN };
}
