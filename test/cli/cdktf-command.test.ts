/** `threefold deploy`, `diff` and `destroy` as processes, with a stand-in for cdktf and with cdktf itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { CDKTF } from "../../scripts/demo/command";

const root = resolve(__dirname, "../..");

/** Says what it was given, then does what STAND_IN names; while it waits it says each signal, and ends at SIGTERM. */
const STAND_IN = `#!/usr/bin/env node
const { STAND_IN, CDKTF_TERRAFORM_PARALLELISM } = process.env;
const signals = [];
for (const name of ["SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM"]) process.on(name, () => {
  signals.push(name);
  console.log(name);
  if (name === "SIGTERM") process.exit(42);
});
console.log(JSON.stringify({ args: process.argv.slice(2), parallelism: CDKTF_TERRAFORM_PARALLELISM }));
if (STAND_IN === "fail") process.exit(7);
if (STAND_IN === "die") process.kill(process.pid, "SIGKILL");
if (STAND_IN === "wait") setInterval(() => undefined, 1000);
if (STAND_IN === "ask") process.stdin.once("data", (answer) => {
  // A signal that was handed on as well would have come by then.
  setTimeout(() => { console.log("answered " + String(answer).trim() + " after " + signals); process.exit(0); }, 500);
});
`;

let bundle: string;
let project: string;
/** Groups of processes to end, so that no stand-in outlives a test that fails. */
const started: number[] = [];

beforeAll(() => {
  bundle = join(mkdtempSync(join(tmpdir(), "threefold-bundle-")), "threefold.cjs");
  const entry = join(root, "lib/cli/threefold.ts");
  buildSync({ entryPoints: [entry], outfile: bundle, bundle: true, platform: "node", logLevel: "error" });
});

afterAll(() => rmSync(dirname(bundle), { recursive: true }));

afterEach(() => {
  for (const group of started.splice(0)) endGroup(group);
  rmSync(project, { recursive: true });
});

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // All of it has ended, as it should.
  }
}

function makeProject(parent: string): void {
  project = mkdtempSync(join(parent, "threefold-deploy-"));
}

/** A project with the stand-in. */
function withStandIn(): void {
  makeProject(tmpdir());
  mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
  mkdirSync(join(project, "src"));
  writeFileSync(join(project, "node_modules/.bin/cdktf"), STAND_IN, { mode: 0o755 });
}

interface Running {
  readonly child: ChildProcess;
  /** Resolves when it has said something, with all that was said; rejects when it ends without. */
  readonly said: (text: string) => Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

/** Starts the command in a session of its own: no key of this terminal reaches it. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, folder = project): Running {
  const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: project, ...env }, detached: true };
  const child = spawn(process.execPath, [bundle, ...args], options);
  if (child.pid !== undefined) started.push(child.pid);
  const output = { out: "", err: "" };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.err += text;
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.out += text;
  });
  const ended = new Promise<number | null>((done) => child.once("close", done)).then((code) => ({ code, ...output }));
  const said = (text: string) =>
    new Promise<string>((done, failed) => {
      const look = () => output.out.includes(text) && done(output.out);
      child.stdout.on("data", look);
      look();
      void ended.then(({ out, err }) => failed(new Error(`it ended without ${text}: ${out}${err}`)));
    });
  return { child, said, ended };
}

describe("threefold deploy", () => {
  test.each(["deploy", "diff", "destroy"])("%s hands everything to cdktf of a directory above", async (name) => {
    withStandIn();
    const args = ["shop", "--auto-approve", "--parallelism", "2", "--var", "a=b c", "-a", "npx app"];
    const { code, out, err } = await start([name, ...args], {}, join(project, "src")).ended;
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toEqual({ args: [name, ...args], parallelism: "256" });
  });

  test("takes a number in place of 256, and refuses what is none before anything starts", async () => {
    withStandIn();
    const { out } = await start(["deploy", "--terraform-parallelism", "64"]).ended;
    expect(JSON.parse(out)).toEqual({ args: ["deploy", "--terraform-parallelism", "64"], parallelism: "64" });
    const { code, ...said } = await start(["deploy", "--terraform-parallelism=all"]).ended;
    expect([code, said.out]).toEqual([2, ""]);
    expect(said.err).toContain('threefold deploy: --terraform-parallelism is "all"; allowed: a positive whole number');
  });

  test("ends with cdktf's exit code, and as a shell says it when a signal ended cdktf", async () => {
    withStandIn();
    expect((await start(["deploy"], { STAND_IN: "fail" }).ended).code).toBe(7);
    expect((await start(["deploy"], { STAND_IN: "die" }).ended).code).toBe(128 + 9);
  });

  test("hands signals on and leaves the end to cdktf", async () => {
    withStandIn();
    const { child, said, ended } = start(["deploy"], { STAND_IN: "wait" });
    await said("}\n");
    for (const [count, name] of (["SIGINT", "SIGINT", "SIGHUP", "SIGQUIT"] as const).entries()) {
      child.kill(name);
      await said(["SIGINT", "SIGINT", "SIGHUP", "SIGQUIT"].slice(0, count + 1).join("\n"));
    }
    child.kill("SIGTERM");
    const { code, out } = await ended;
    expect(out.trim().split("\n").slice(1)).toEqual(["SIGINT", "SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM"]);
    expect(code).toBe(42);
  });

  test("lets a key of the terminal reach cdktf once, and answers too", async () => {
    withStandIn();
    const { spawn: open } = require(require.resolve("@cdktf/node-pty-prebuilt-multiarch", { paths: [CDKTF] }));
    const env = { PATH: process.env.PATH, HOME: project, STAND_IN: "ask" };
    const terminal = open(process.execPath, [bundle, "deploy"], { cwd: project, env });
    started.push(terminal.pid);
    let seen = "";
    const said = (text: string) => new Promise<void>((done) => terminal.onData(() => seen.includes(text) && done()));
    terminal.onData((text: string) => {
      seen += text;
    });
    const ended = new Promise<number>((done) =>
      terminal.onExit(({ exitCode }: { exitCode: number }) => done(exitCode)),
    );
    await said("}");
    const interrupted = said("SIGINT");
    terminal.write("\x03");
    await interrupted;
    terminal.write("yes\r");
    expect([await ended, seen]).toEqual([0, expect.stringMatching(/answered yes after SIGINT\s*$/)]);
  });

  test("says how to get cdktf when there is none", async () => {
    makeProject(tmpdir());
    const { code, out, err } = await start(["diff"], { PATH: dirname(process.execPath) }).ended;
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(
      /^threefold diff: There is no cdktf command line\.\n[\s\S]*npm install[\s\S]*\[TFG_NO_CDKTF\]\n$/,
    );
  });

  test("says which cdktf cannot be started, and why", async () => {
    withStandIn();
    const file = join(project, "node_modules/.bin/cdktf");
    writeFileSync(file, "#!/nowhere/node\n");
    const { code, err } = await start(["deploy"]).ended;
    expect(code).toBe(1);
    expect(err).toMatch(
      /cannot be started\.\n {2}file +\S+cdktf\n {2}system said +spawn \S+ ENOENT[\s\S]*\[TFG_NO_CDKTF\]/,
    );
  });

  test("makes the real cdktf give the number to Terraform", async () => {
    mkdirSync(join(root, ".cache"), { recursive: true });
    // Under the checkout, in whose node_modules cdktf is.
    makeProject(join(root, ".cache"));
    const log = join(project, "terraform.log");
    const config = { language: "typescript", app: "node app.js", projectId: "p", sendCrashReports: "false" };
    writeFileSync(join(project, "cdktf.json"), JSON.stringify(config));
    const program = `const { App, TerraformStack, TerraformOutput } = require("cdktf");
      const app = new App();
      new TerraformOutput(new TerraformStack(app, "shop"), "one", { value: 1 });
      app.synth();`;
    writeFileSync(join(project, "app.js"), program);
    const recorder = join(project, "recorder");
    writeFileSync(recorder, `#!/bin/sh\necho "$@" >> "${log}"\nexec terraform "$@"\n`, { mode: 0o755 });
    const env = { CI: "1", CHECKPOINT_DISABLE: "1", TERRAFORM_BINARY_NAME: recorder };
    const { code, out, err } = await start(["deploy", "--auto-approve"], env).ended;
    expect([code, code === 0 ? "" : out + err]).toEqual([0, ""]);
    const ran = readFileSync(log, "utf8").split("\n");
    expect(ran).toContainEqual(expect.stringMatching(/^apply .*-parallelism=256\b/));
  });
});
