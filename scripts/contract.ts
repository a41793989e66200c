/**
 * Holds services to the contract this package relies on: `npm run contract` for the emulated grid,
 * `npm run contract -- --chain ws://…` for a chain somebody else wrote.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ContractOptions, HELP, PARTS, readOptions } from "./contract/options";
import { requireChain, requireHttp } from "./contract/reach";

/** What the tests are told, by environment variable. */
type Settings = Readonly<Record<string, string | undefined>>;

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
}

const root = resolve(__dirname, "..");

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.wantsHelp) {
    console.log(HELP);
    return 0;
  }
  const parts = PARTS.filter((part) => options.urls[part] !== undefined);
  if (parts.length === 0) return onDevgrid();
  const { chain, relay, directory } = options.urls;
  if (chain !== undefined) await requireChain(chain);
  if (relay !== undefined) await requireHttp("relay", relay);
  if (directory !== undefined) await requireHttp("directory", directory);
  return run(parts, { ...settingsOf(options), CONTRACT_NO_NODES: await whyNoNodes(options) });
}

/** One grid for all parts, which reach it through its sockets like any other. */
async function onDevgrid(): Promise<number> {
  const { Devgrid } = await import("../lib/devgrid/devgrid");
  const grid = await Devgrid.start();
  try {
    const { chain, relay, directory } = grid.describe();
    const settings = settingsOf({ urls: { chain, relay, directory }, mnemonic: "//Alice", wantsHelp: false });
    return await run(PARTS, { ...settings, CONTRACT_GRID: "devgrid" });
  } finally {
    await grid.close();
  }
}

function settingsOf({ urls, mnemonic }: ContractOptions): Settings {
  return {
    CONTRACT_CHAIN: urls.chain,
    CONTRACT_RELAY: urls.relay,
    CONTRACT_DIRECTORY: urls.directory,
    CONTRACT_MNEMONIC: secretOf(mnemonic),
  };
}

function secretOf(mnemonic: string | undefined): string {
  return mnemonic ?? process.env.MNEMONIC ?? "//Alice";
}

/** Services may well be there without a node behind them; which tests there are must be known before they start. */
async function whyNoNodes(options: ContractOptions): Promise<string | undefined> {
  const { relay, directory } = options.urls;
  try {
    if (relay !== undefined) return await whyNoNodeAnswers(options);
    if (directory === undefined) return undefined;
    const up = await (await fetch(`${directory}/nodes?status=up&size=1`)).json();
    return Array.isArray(up) && up.length === 0 ? "the directory lists no node that is up" : undefined;
  } catch {
    // The suite meets the same obstacle, and says what it is.
    return undefined;
  }
}

async function whyNoNodeAnswers({ urls: { chain, relay, directory }, mnemonic }: ContractOptions) {
  const { BusGround } = await import("../test/contract/relay/bus-ground");
  const bus = await BusGround.enter({ chain, relay, directory, secret: secretOf(mnemonic) });
  const node = await bus.findNode().finally(() => bus.leave());
  return node ? undefined : `no node known to the ${directory === undefined ? "chain" : "directory"} answers`;
}

async function run(parts: readonly string[], settings: Settings): Promise<number> {
  const files = parts.map((part) => join(root, "test/contract", `${part}.test.ts`));
  const { numPassedTests, numFailedTests, numFailedTestSuites } = await runJest(files, settings);
  // A file that cannot even be loaded has no tests to fail.
  const failed = Math.max(numFailedTests, numFailedTestSuites);
  console.log(`${numPassedTests} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** The secret travels in the environment: arguments are visible to every process on the machine. */
async function runJest(files: readonly string[], settings: Settings): Promise<Report> {
  const scratch = mkdtempSync(join(tmpdir(), "contract-"));
  const outputFile = join(scratch, "report.json");
  const args = ["--runInBand", "--verbose", "--json", `--outputFile=${outputFile}`, "--runTestsByPath", ...files];
  const env = Object.fromEntries(Object.entries({ ...process.env, ...settings }).filter(([, value]) => value));
  try {
    const child = spawn(process.execPath, [require.resolve("jest/bin/jest"), ...args], {
      cwd: root,
      env,
      // The report goes to the file; on standard output it would only be noise.
      stdio: ["ignore", "ignore", "inherit"],
    });
    // Ended by a signal to this process alone, the tests would go on with nobody to hear of them.
    const end = (signal: NodeJS.Signals) => child.kill(signal);
    process.once("SIGINT", end).once("SIGTERM", end);
    await new Promise<void>((done, failed) => child.once("error", failed).once("close", () => done()));
    if (!existsSync(outputFile)) throw new Error("the test runner ended without a report");
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
