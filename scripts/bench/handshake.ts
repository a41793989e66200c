import { spawn } from "node:child_process";
import { join } from "node:path";
import { makeCertificate } from "../../lib/provider/server/process/certificate";
import { type Times, timesOf } from "./times";

/** How long a start takes. */
interface HandshakeTimes {
  /** Node.js alone, which nothing can be faster than. */
  readonly node: Times;
  /** The built provider, until the line that Terraform waits for. Terraform starts it two to five times per command. */
  readonly provider: Times;
}

/** Starts both in turn, so that a busy moment of the machine hits both. The first round warms up. */
export async function benchHandshake(rounds = 15): Promise<HandshakeTimes> {
  const provider = join(__dirname, "../../dist/provider/provider.cjs");
  const programs = { node: ["-e", 'process.stdout.write("ready\\n")'], provider: [provider] };
  const times = { node: [] as number[], provider: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    for (const name of ["node", "provider"] as const) {
      const ms = await firstOutput(programs[name]);
      if (round > 0) times[name].push(ms);
    }
  }
  return { node: timesOf(times.node), provider: timesOf(times.provider) };
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
