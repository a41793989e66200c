/**
 * Every example as its reader runs it: the built package, the provider that synth puts beside the stack, real Terraform,
 * and a devgrid that is found the way the provider finds it. Only the cdktf command line is left out. The longest example
 * is run by that provider too; for the others it is enough that Terraform accepts it.
 */
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { silentLog } from "../../lib/core/log";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { defineProvider } from "../../lib/provider/definition";
import { leftovers, NOTHING } from "../support/grid-project";
import { askHttps } from "../support/https-client";
import { TerraformProject } from "../support/terraform";

const root = join(__dirname, "../..");
const examples = readdirSync(join(root, "examples")).filter((name) =>
  existsSync(join(root, "examples", name, "main.ts")),
);

/** A change that an example offers its reader, and what it comes to. */
interface OfferedChange {
  /** Environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Planned actions by a part of the address; nothing else changes but the mesh and the choice of nodes. */
  readonly actions: Readonly<Record<string, string>>;
}

const CHANGES: Readonly<Record<string, OfferedChange>> = {
  "04-kubernetes": { env: { WORKERS: "3" }, actions: { "k8s_web-3": "create" } },
  "05-kubernetes-ha": { env: { REPLACE: "server-1" }, actions: { "k8s_server-1": "delete,create" } },
  "06-gateway": { env: { PORT: "9090" }, actions: { left: "update", right: "update", www: "update" } },
  "07-quantum-storage": { env: { BACKENDS: "4" }, actions: { files_data_3: "create", archive: "update" } },
  "08-gpu-dedicated": { env: { CPU: "12" }, actions: { machine: "update" } },
  "09-raw-deployment": { env: { SIZE: "20" }, actions: { log: "update" } },
  "10-full-stack": { env: { WORKERS: "3" }, actions: { "k8s_web-3": "create", shop: "update" } },
};

const LONGEST = "10-full-stack";

describe("an example", () => {
  let home: string;
  let grid: Devgrid;
  let project: TerraformProject;

  beforeAll(() => {
    if (!existsSync(join(root, "dist/provider.json")))
      execFileSync("npm", ["run", "build"], { cwd: root, stdio: "pipe" });
  });
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "example-"));
    grid = await Devgrid.start({ stateFile: join(home, "state.json"), blockMs: "instant" });
    process.env.THREEFOLD_DEVGRID_HOME = home;
    project = new TerraformProject({ env: { THREEFOLD_DEVGRID_HOME: home } });
  });
  afterEach(async () => {
    await project.remove();
    await grid.close();
    delete process.env.THREEFOLD_DEVGRID_HOME;
    rmSync(home, { recursive: true, force: true });
  });

  /** Runs the program and puts the stack it wrote where Terraform will work. */
  function synthesise(example: string, env: Readonly<Record<string, string>> = {}): void {
    const outdir = join(home, "cdktf.out");
    rmSync(outdir, { recursive: true, force: true });
    mkdirSync(outdir);
    execFileSync(process.execPath, ["-r", require.resolve("ts-node/register/transpile-only"), mainOf(example)], {
      cwd: home,
      env: { PATH: process.env.PATH, CDKTF_OUTDIR: outdir, TS_NODE_PROJECT: join(root, "tsconfig.json"), ...env },
      stdio: "pipe",
    });
    const [stack = ""] = readdirSync(join(outdir, "stacks"));
    cpSync(join(outdir, "stacks", stack), project.dir, { recursive: true });
  }

  async function expectSettled(): Promise<void> {
    expect((await project.plan()).changes).toEqual([]);
    const statuses = (await project.resources()).flatMap(({ address, values }) =>
      typeof values.status === "string" ? [[address, values.status]] : [],
    );
    expect(statuses.filter(([, status]) => status !== "ok")).toEqual([]);
  }

  async function change(example: string, { env, actions }: OfferedChange): Promise<void> {
    synthesise(example, env);
    const { changes } = await project.plan();
    const others = changes.filter(({ address }) => !/^threefold_(network|placement)\./.test(address));
    const named = others.map(({ address, actions: planned }) => [
      Object.keys(actions).find((part) => address.includes(`.${part}`)) ?? address,
      planned.join(),
    ]);
    expect(Object.fromEntries(named)).toEqual(actions);
    await project.apply("saved.tfplan");
  }

  /** As the reader of the example would: no option, no address; the state and the devgrid are found. */
  async function expectClusterOpens(): Promise<void> {
    const { stdout: text } = await promisify(execFile)(
      process.execPath,
      [join(root, "dist/threefold.cjs"), "kubeconfig", "k8s"],
      { cwd: home, env: { PATH: process.env.PATH, THREEFOLD_DEVGRID_HOME: home } },
    );
    const pem = (name: string) =>
      Buffer.from(new RegExp(`${name}-data: (\\S+)`).exec(text)?.[1] ?? "", "base64").toString();
    const credentials = { ca: pem("certificate-authority"), cert: pem("client-certificate"), key: pem("client-key") };
    const [, server] = /server: (\S+)/.exec(text) ?? [];
    expect(await askHttps(`${server}/readyz`, credentials)).toEqual({ status: 200, text: "ok" });
  }

  it.each(examples)(
    "deploys, stays as it is, takes the change it offers, and leaves nothing behind: %s",
    async (example) => {
      synthesise(example);
      await project.init("-lockfile=readonly");
      if (example !== LONGEST) await project.attach(defineProvider({ env: project.env, log: silentLog }));
      await project.apply();
      expect(leftovers(grid).contracts.length).toBeGreaterThan(0);
      await expectSettled();
      const offered = CHANGES[example];
      if (offered) {
        await change(example, offered);
        await expectSettled();
      }
      if (example.includes("kubernetes")) await expectClusterOpens();
      await project.destroy();
      expect(leftovers(grid)).toEqual(NOTHING);
    },
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
