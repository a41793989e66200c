import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import * as api from "../lib";

const root = join(__dirname, "..");

const lib = join(root, "lib");

/**
 * What loading the package may take on top of cdktf, as a part of what cdktf takes: 50 ms beside 100 on a good machine. Both
 * are time of the processor, in the same process, so that a slow or busy machine is no failure.
 */
const BUDGET = 0.5;

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(lib, folder), { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".ts")).map((file) => join(folder, file));
}

describe("the package", () => {
  it("exports these names: a change of the list is a change for everybody", () => {
    expect(Object.keys(api).sort()).toEqual([
      "Backend",
      "DedicatedNode",
      "Gateway",
      "GridError",
      "GridStack",
      "Image",
      "JoinedMesh",
      "KubernetesCluster",
      "NetworkMesh",
      "Placement",
      "QuantumStorage",
      "RawDeployment",
      "Secret",
      "Size",
      "VirtualMachine",
      "Zdb",
      "ZdbPool",
      "dataThreefoldAccount",
      "dataThreefoldCandidates",
      "dataThreefoldContracts",
      "dataThreefoldFarms",
      "dataThreefoldGatewayDomains",
      "dataThreefoldNetwork",
      "dataThreefoldNode",
      "dataThreefoldNodeGpus",
      "dataThreefoldNodes",
      "dedicatedNode",
      "deployment",
      "gatewayFqdn",
      "gatewayName",
      "network",
      "placement",
      "project",
      "provider",
      "virtualMachine",
      "zdb",
    ]);
  });
});

describe("loading the package", () => {
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "load-"));
    // Compiled file by file, as it is shipped: what the compiler takes is not what users wait for.
    const sources = ["index.ts", ...["constructs", "core", "model"].flatMap(sourcesIn)].map((path) => join(lib, path));
    await build({ entryPoints: sources, outdir: dir, outbase: lib, format: "cjs", logLevel: "error" });
    writeFileSync(join(dir, "provider.json"), '{"version":"0.0.0"}');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** Loads cdktf, then the package, in a fresh process. */
  function load(): { readonly share: number; readonly modules: string[] } {
    const program = `
      function timeOf(name) {
        const start = process.cpuUsage();
        require(name);
        const { user, system } = process.cpuUsage(start);
        return user + system;
      }
      const cdktf = timeOf("cdktf");
      const before = new Set(Object.keys(require.cache));
      const own = timeOf(${JSON.stringify(join(dir, "index.js"))});
      const modules = Object.keys(require.cache).filter((name) => !before.has(name));
      console.log(JSON.stringify({ share: own / cdktf, modules }));`;
    const env = { PATH: process.env.PATH, NODE_PATH: join(root, "node_modules") };
    return JSON.parse(execFileSync(process.execPath, ["-e", program], { env, encoding: "utf8" }));
  }

  it("brings nothing into memory but cdktf and itself", () => {
    const strangers = load().modules.filter(
      (name) => !name.startsWith(dir) && !/node_modules\/(cdktf|constructs)\//.test(name),
    );
    expect(strangers).toEqual([]);
  });

  it("brings no part of the engine, the clients, the provider or the embedded grid", () => {
    const layers = load().modules.flatMap((name) =>
      name.startsWith(dir) ? [name.slice(dir.length + 1).split("/")[0]] : [],
    );
    expect([...new Set(layers)].sort()).toEqual(["constructs", "core", "index.js", "model"]);
  });

  it("takes at most half of what cdktf takes", () => {
    const least = Math.min(...[load(), load(), load()].map(({ share }) => share));
    expect(least).toBeLessThan(BUDGET);
  });
});
