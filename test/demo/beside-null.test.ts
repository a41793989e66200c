/**
 * A stack with a provider from a registry beside ours, deployed by plain cdktf as its user would. cdktf locks providers
 * that have no lock entry, ours included, which no registry has: synth must have left nothing to lock.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { bundleSplitCjs } from "../../scripts/bundle/split-cjs";
import { CDKTF } from "../../scripts/demo/command";
import { leftovers, NOTHING } from "../support/grid-project";
import { type RegistryStandIn, startRegistry } from "../support/registry-stand-in";

const root = join(__dirname, "../..");

/** The version that @cdktf/provider-null asks for. */
const VERSION = "3.2.4";

const program = `
import { App } from "cdktf";
import { GridStack, NetworkMesh, Size, Zdb } from "cdktf-threefold";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Resource } from "@cdktf/provider-null/lib/resource";

const app = new App();
const stack = new GridStack(app, "both", { network: "devgrid", project: "both" });
new NullProvider(stack, "null");
const mesh = new NetworkMesh(stack, "mesh", { access: ["laptop"] });
const store = new Zdb(stack, "store", { size: Size.gib(1) });
new Resource(stack, "after", { triggers: { mesh: mesh.networkName, store: store.contractId } });
app.synth();
`;

describe("a stack with another provider", () => {
  let home: string;
  let project: string;
  let grid: Devgrid;
  let registry: RegistryStandIn;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "beside-null-"));
    // Under the checkout, where Node.js finds the package by its name.
    mkdirSync(join(root, ".cache"), { recursive: true });
    project = mkdtempSync(join(root, ".cache", "beside-null-"));
    writeFileSync(join(project, "main.ts"), program);
    const app = "node -r ts-node/register/transpile-only main.ts";
    writeFileSync(
      join(project, "cdktf.json"),
      JSON.stringify({ language: "typescript", app, projectId: "beside-null", sendCrashReports: "false" }),
    );
    grid = await Devgrid.start({ stateFile: join(home, "state.json"), blockMs: "instant" });
    const main = join(__dirname, "../support/null-main.ts");
    await bundleSplitCjs({ entries: { "null/main": main }, outdir: home, chunkDir: "null" });
    const executable = `#!/bin/sh\nexec "${process.execPath}" "${join(home, "null", "main.cjs")}"\n`;
    registry = await startRegistry({ name: "hashicorp/null", version: VERSION, executable });
    registry.writeSettings(join(home, "cli.tfrc"));
  });

  afterAll(async () => {
    await registry?.close();
    await grid?.close();
    rmSync(project, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  });

  function run(...args: string[]): Promise<{ readonly code: number | null; readonly said: string }> {
    // A home of its own: cdktf keeps a cache of providers there, and this null must not get into anybody's.
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      CI: "1",
      CHECKPOINT_DISABLE: "1",
      TF_CLI_CONFIG_FILE: join(home, "cli.tfrc"),
      THREEFOLD_DEVGRID_HOME: home,
    };
    const child = spawn(process.execPath, [CDKTF, ...args], { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    }
    return new Promise((done, failed) => {
      child.once("error", failed);
      child.once("close", (code) => done({ code, said }));
    });
  }

  function writes(): { readonly extrinsics: number; readonly deployments: number } {
    const { chain, nodes } = grid.stats();
    const deployments = Object.values(nodes).reduce((sum, node) => sum + node.writes, 0);
    return { extrinsics: chain.extrinsics, deployments };
  }

  test("deploys twice, the second time without a change, and goes away again", async () => {
    const first = await run("deploy", "--auto-approve");
    expect([first.code, first.said]).toEqual([0, expect.stringContaining("Apply complete!")]);
    expect(leftovers(grid).contracts.length).toBeGreaterThan(1);
    const before = writes();
    const second = await run("deploy", "--auto-approve");
    expect([second.code, second.said]).toEqual([0, expect.stringContaining("No changes.")]);
    expect(writes()).toEqual(before);
    expect(registry.requests).toContain("200 /files/sums.sig");
    const last = await run("destroy", "--auto-approve");
    expect([last.code, last.said]).toEqual([0, expect.stringContaining("Destroy complete!")]);
    expect(leftovers(grid)).toEqual(NOTHING);
  });
});
