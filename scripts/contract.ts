/**
 * Holds services to the contract this package relies on: `npm run contract` for the emulated grid,
 * `npm run contract -- --chain ws://…` for a chain somebody else wrote.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const HELP = `Runs the contract suite: what this package relies on the grid's services for.

  npm run contract -- [options]

  --chain URL         websocket address of a chain node: ws://… or wss://…
  --relay URL         websocket address of a relay
  --directory URL     base address of a directory: http://… or https://…
  --mnemonic PHRASE   account that lends the money: a mnemonic, 64 hex digits or a development account
                      such as //Alice; at least 100 TFT. Default: $MNEMONIC, else //Alice
  --help              this text

Without any URL every part runs against devgrid, the grid in one process. With URLs only the parts named run.
The suite makes its own accounts, farm and nodes, and takes away again what can be taken away; twins and the
farm stay, and are used again by the next run.`;

const services = ["chain", "relay", "directory"] as const;
const folder = resolve(__dirname, "../test/contract");

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { chain: text, relay: text, directory: text, mnemonic: text, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const named = services.filter((service) => values[service] !== undefined);
  const files = (named.length > 0 ? named : services)
    .map((service) => join(folder, `${service}.test.ts`))
    .filter((file) => existsSync(file));
  if (files.length === 0) throw new Error(`there is no contract for ${named.join(" and ")} yet`);
  const report = await runJest(files, {
    CONTRACT_CHAIN: values.chain,
    CONTRACT_RELAY: values.relay,
    CONTRACT_DIRECTORY: values.directory,
    CONTRACT_MNEMONIC: values.mnemonic ?? process.env.MNEMONIC,
  });
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
  return report.numFailedTests + report.numFailedTestSuites > 0 ? 1 : 0;
}

/** The secret travels in the environment: arguments are visible to every process on the machine. */
async function runJest(files: readonly string[], settings: Record<string, string | undefined>): Promise<Report> {
  const scratch = mkdtempSync(join(tmpdir(), "contract-"));
  const outputFile = join(scratch, "report.json");
  const args = ["--runInBand", "--verbose", "--json", `--outputFile=${outputFile}`, "--runTestsByPath", ...files];
  const env = Object.fromEntries(Object.entries({ ...process.env, ...settings }).filter(([, value]) => value));
  try {
    const child = spawn(process.execPath, [require.resolve("jest/bin/jest"), ...args], {
      cwd: resolve(__dirname, ".."),
      env,
      // The report goes to the file; on standard output it would only be noise.
      stdio: ["ignore", "ignore", "inherit"],
    });
    await new Promise<void>((done, failed) => child.once("error", failed).once("close", () => done()));
    return JSON.parse(readFileSync(outputFile, "utf8")) as Report;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  },
);
