/**
 * Every example as its reader runs it: the built package, the provider that synth puts beside the stack, real Terraform,
 * and a devgrid that is found the way the provider finds it. Only the cdktf command line is left out.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { leftovers, NOTHING } from "../support/grid-project";
import { TerraformProject } from "../support/terraform";

const root = join(__dirname, "../..");
const examples = readdirSync(join(root, "examples")).filter((name) =>
  existsSync(join(root, "examples", name, "main.ts")),
);

const BUILD_MS = 180_000;
const LIFE_MS = 120_000;

describe("an example", () => {
  let home: string;
  let grid: Devgrid;
  let project: TerraformProject;

  beforeAll(() => {
    if (!existsSync(join(root, "dist/provider.json")))
      execFileSync("npm", ["run", "build"], { cwd: root, stdio: "pipe" });
  }, BUILD_MS);
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "example-"));
    grid = await Devgrid.start({ stateFile: join(home, "state.json"), blockMs: "instant" });
    project = new TerraformProject({ env: { THREEFOLD_DEVGRID_HOME: home } });
  });
  afterEach(async () => {
    await project.remove();
    await grid.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** Runs the program and puts the stack it wrote where Terraform will work. */
  function synthesise(example: string): void {
    const outdir = join(home, "cdktf.out");
    mkdirSync(outdir);
    execFileSync(process.execPath, ["-r", require.resolve("ts-node/register/transpile-only"), mainOf(example)], {
      cwd: home,
      env: { PATH: process.env.PATH, CDKTF_OUTDIR: outdir, TS_NODE_PROJECT: join(root, "tsconfig.json") },
      stdio: "pipe",
    });
    const [stack = ""] = readdirSync(join(outdir, "stacks"));
    cpSync(join(outdir, "stacks", stack), project.dir, { recursive: true });
  }

  it.each(examples)(
    "deploys, stays as it is, and leaves nothing behind: %s",
    async (example) => {
      synthesise(example);
      await project.init("-lockfile=readonly");
      await project.apply();
      expect(leftovers(grid).contracts.length).toBeGreaterThan(0);
      expect((await project.plan()).changes).toEqual([]);
      const statuses = (await project.resources()).flatMap(({ address, values }) =>
        typeof values.status === "string" ? [[address, values.status]] : [],
      );
      expect(statuses.filter(([, status]) => status !== "ok")).toEqual([]);
      await project.destroy();
      expect(leftovers(grid)).toEqual(NOTHING);
    },
    LIFE_MS,
  );
});

describe("the files of an example", () => {
  it.each(examples)("are short, and say what one gets, what it costs and what to change: %s", (example) => {
    const text = readFileSync(mainOf(example), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    for (const topic of ["What you get", "What it costs", "What to change"]) expect(text).toContain(topic);
    expect(text).toContain('from "cdktf-threefold"');
  });

  it("let cdktf ask nothing and report nothing", () => {
    for (const path of [...examples.map((name) => `examples/${name}/cdktf.json`), "cdktf.json"]) {
      const { sendCrashReports, projectId } = JSON.parse(readFileSync(join(root, path), "utf8"));
      expect([path, sendCrashReports, projectId]).toEqual([path, "false", expect.stringMatching(/./)]);
    }
  });
});

function mainOf(example: string): string {
  return join(root, "examples", example, "main.ts");
}
