import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { developmentVersion, writeProviderEntry } from "../../scripts/bundle/provider-package";
import { bundleSplitCjs } from "../../scripts/bundle/split-cjs";
import { thirdPartyLicenses } from "../../scripts/bundle/third-party-licenses";

describe("the bundler", () => {
  let dir: string;
  const source = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const run = (file: string, ...flags: string[]) =>
    execFileSync(process.execPath, [...flags, join(dir, "out", file)], { encoding: "utf8" });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "bundle-"));
    source("fault.ts", "export class Fault extends Error {}");
    source(
      "heavy.ts",
      'import { Fault } from "./fault"; console.log("loaded"); export const fail = () => { throw new Fault("x"); };',
    );
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const bundle = (entries: Record<string, string>) =>
    bundleSplitCjs({ entries, outdir: join(dir, "out"), chunkDir: "parts" });

  it("loads what is imported lazily at the first call, and classes stay the same across files", async () => {
    const entry = source(
      "main.ts",
      `import { Fault } from "./fault";
       console.log("start");
       import("./heavy").then(({ fail }) => { try { fail(); } catch (error) { console.log(error instanceof Fault); } });`,
    );
    await bundle({ main: entry });
    expect(run("main.cjs")).toBe("start\nloaded\ntrue\n");
    expect(readdirSync(join(dir, "out/parts")).some((name) => name.startsWith("heavy-"))).toBe(true);
  });

  it("gives several entries common parts, and keeps shebangs and the test for being the main module", async () => {
    const tool = source(
      "tool.ts",
      '#!/usr/bin/env node\nimport { Fault } from "./fault";\nif (require.main === module) import("./heavy").then(() => console.log(Fault.name.length > 0));',
    );
    const other = source("other.ts", 'import { Fault } from "./fault"; console.log(new Fault("y").message);');
    await bundle({ tool, "parts/other": other });
    expect(readFileSync(join(dir, "out/tool.cjs"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(run("tool.cjs")).toBe("loaded\ntrue\n");
    expect(run("parts/other.cjs")).toBe("y\n");
  });

  it("lists the licence of every bundled package", async () => {
    const entry = source(
      "uses.ts",
      `import { encode } from ${JSON.stringify(require.resolve("@msgpack/msgpack"))}; console.log(encode(1));`,
    );
    const text = thirdPartyLicenses(await bundle({ uses: entry }));
    expect(text).toMatch(/@msgpack\/msgpack 3\.\d+\.\d+ \(ISC\)/);
    expect(text).toContain("Permission to use, copy, modify, and/or distribute this software");
  });

  it("gives other content another version, which Terraform accepts as one", () => {
    const packageDir = join(dir, "package");
    mkdirSync(packageDir);
    writeProviderEntry(packageDir);
    const first = developmentVersion("0.1.0", packageDir);
    expect(first).toMatch(/^0\.1\.0-dev\.h[0-9a-f]{10}$/);
    expect(developmentVersion("0.1.0", packageDir)).toBe(first);
    writeFileSync(join(packageDir, "main.cjs"), "1");
    expect(developmentVersion("0.1.0", packageDir)).not.toBe(first);
  });

  it("has an entry that tells an old Node.js user what to do, in one line on stdout", () => {
    const packageDir = join(dir, "package");
    mkdirSync(packageDir);
    writeProviderEntry(packageDir);
    writeFileSync(join(packageDir, "main.cjs"), 'console.log("runs")');
    const old = join(dir, "old.cjs");
    writeFileSync(old, 'Object.defineProperty(process.versions, "node", { value: "18.20.4" });');
    const start = (...flags: string[]) =>
      execFileSync(process.execPath, [...flags, join(packageDir, "provider.cjs")], { encoding: "utf8" });
    expect(start()).toBe("runs\n");
    expect(() => start("-r", old)).toThrow(
      expect.objectContaining({
        stdout: expect.stringMatching(
          /^The ThreeFold provider needs Node\.js 20\.9 or later and found 18\.20\.4: .*\n$/,
        ),
      }),
    );
  });
});
