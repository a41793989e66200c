/** `threefold devgrid` as the process that users and the provider run. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { WebSocket } from "ws";
import { poll } from "../../lib/core/backoff";
import { systemClock } from "../../lib/core/clock";
import type { DevgridDescription } from "../../lib/devgrid/devgrid";

interface Running {
  readonly child: ChildProcess;
  /** The first line of standard output. */
  readonly firstLine: string;
  /** Everything written so far. */
  readonly output: () => { out: string; err: string };
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
}

const SOURCE = resolve(__dirname, "../../lib/cli/threefold.ts");
const running: Running[] = [];
let bundleFolder: string;
/** Arguments of Node.js that run the command. */
let command: string[];
let folder: string;

// Compiling the sources takes seconds in each process, so only one test does it.
beforeAll(() => {
  bundleFolder = mkdtempSync(join(tmpdir(), "devgrid-bundle-"));
  const outfile = join(bundleFolder, "threefold.cjs");
  buildSync({ entryPoints: [SOURCE], outfile, bundle: true, platform: "node", logLevel: "error" });
  command = [outfile];
});

afterAll(() => rmSync(bundleFolder, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "devgrid-cli-"));
});

afterEach(async () => {
  for (const { child, exited } of running.splice(0)) {
    child.kill("SIGKILL");
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => runWith(command, args);

async function runWith(node: readonly string[], args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [...node, "devgrid", ...args]);
  let out = "";
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const exited = new Promise<number | null>((done) => child.once("close", done));
  const firstLine = new Promise<string>((done) => {
    child.stdout.on("data", (chunk) => {
      out += chunk;
      if (out.includes("\n")) done(out.slice(0, out.indexOf("\n")));
    });
    void exited.then(() => done(out));
  });
  const process_ = { child, firstLine: await firstLine, output: () => ({ out, err }), exited };
  running.push(process_);
  return process_;
}

async function genesisHash(url: string): Promise<unknown> {
  const socket = new WebSocket(url);
  await new Promise((done, failed) => socket.once("open", done).once("error", failed));
  const answer = new Promise<string>((done) => socket.once("message", (data) => done(String(data))));
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "chain_getBlockHash", params: [0] }));
  const { result } = JSON.parse(await answer) as { result: unknown };
  socket.terminate();
  return result;
}

test("--json prints exactly one line, every service in it answers, and SIGTERM ends it with 0", async () => {
  const { child, firstLine, output, exited } = await runWith(["-r", "ts-node/register", SOURCE], ["--json"]);
  const grid = JSON.parse(firstLine) as DevgridDescription;
  expect(Object.keys(grid)).toEqual([
    "chain",
    "relay",
    "directory",
    "graphql",
    "kyc",
    "dns",
    "control",
    "mnemonic",
    "twinId",
    "nodes",
  ]);
  expect(grid.nodes).toHaveLength(12);
  expect(grid.nodes[0]).toMatchObject({ nodeId: 1, twinId: expect.any(Number), farmId: 1 });
  expect(await genesisHash(grid.chain)).toMatch(/^0x[0-9a-f]{64}$/);
  expect((await fetch(`${grid.directory}/ping`)).status).toBe(200);
  expect((await fetch(grid.graphql, { method: "POST", body: '{"query":"{ __typename }"}' })).status).toBe(200);
  expect((await fetch(`${grid.kyc}/api/v1/status?twin_id=${grid.twinId}`)).status).toBe(200);
  expect((await fetch(grid.control)).status).toBe(200);
  // The relay wants a token, and says so.
  expect((await fetch(grid.relay.replace("ws:", "http:"))).status).toBe(404);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output()).toEqual({ out: `${firstLine}\n`, err: "" });
});

test("a state file brings the same grid back, after SIGINT as after kill -9", async () => {
  const state = join(folder, "grid.json");
  const first = await run("--json", "--state", state, "--block-time", "instant");
  const grid = JSON.parse(first.firstLine) as DevgridDescription;
  const genesis = await genesisHash(grid.chain);
  expect(JSON.parse(readFileSync(`${state}.lock`, "utf8").split("\n")[1] ?? "")).toEqual(grid);
  first.child.kill("SIGINT");
  expect(await first.exited).toBe(0);
  expect(existsSync(`${state}.lock`)).toBe(false);

  const second = await run("--json", "--state", state, "--block-time", "instant");
  const { chain, control } = JSON.parse(second.firstLine) as DevgridDescription;
  expect(await genesisHash(chain)).toBe(genesis);
  await fetch(control, { method: "POST", body: '{"method":"dev.setKyc","params":[1,"PENDING"]}' });
  const onTimeout = () => new Error("the change is not written");
  await poll({ clock: systemClock, firstMs: 20, maxMs: 100, deadlineMs: 60_000, onTimeout }, async () =>
    readFileSync(state, "utf8").includes("PENDING") ? true : undefined,
  );
  second.child.kill("SIGKILL");
  expect(await second.exited).toBeNull();

  const third = await run("--json", "--state", state);
  const again = JSON.parse(third.firstLine) as DevgridDescription;
  expect(await genesisHash(again.chain)).toBe(genesis);
  expect(again.nodes).toEqual(grid.nodes);
  const kyc = await fetch(`${again.kyc}/api/v1/status?twin_id=1`);
  expect(await kyc.json()).toEqual({ result: { status: "PENDING" } });
});

test("without --json it says how to point a stack at it", async () => {
  const { output, child, exited } = await run("--block-time", "2");
  child.kill("SIGTERM");
  await exited;
  const { out } = output();
  expect(out).toMatch(/^The grid is running: 12 nodes, a block every 2 s, in memory\.\n/);
  expect(out).toMatch(/endpoints: \{\n +chain: \["ws:\/\/127\.0\.0\.1:\d+"\],/);
  expect(out).toContain('export MNEMONIC="');
});

test("ends itself when nothing was asked for long enough", async () => {
  const { exited } = await run("--json", "--idle-exit", "0.01");
  expect(await exited).toBe(0);
});

test("a port that is taken is a clear failure with exit code 1", async () => {
  const first = await run("--json");
  const port = new URL((JSON.parse(first.firstLine) as DevgridDescription).directory).port;
  const second = await run("--json", "--directory-port", port);
  expect(await second.exited).toBe(1);
  const err = expect.stringMatching(new RegExp(`Port ${port} cannot be used.\n +for +directory[^]*TFG_DEVGRID_PORT`));
  expect(second.output()).toEqual({ out: "", err });
});
