import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, watch } from "node:fs";
import { join } from "node:path";
import { installProviderMirror } from "../../../lib/constructs/private/provider-package";
import { PROVIDER_SOURCE } from "../../../lib/core/provider-source";
import { labProviders } from "../../support/lab-provider";
import { type PackagedLab, packageLab } from "../../support/packaged-lab";
import { TerraformProject } from "../../support/terraform";

const version = "1.2.3";

describe("the provider as a process of its own", () => {
  let lab: PackagedLab;
  let project: TerraformProject;

  const events = () => {
    const path = join(lab.worldDir, "events.log");
    const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    return lines.map((line) => ({ pid: Number(line.split(" ")[0]), event: line.slice(line.indexOf(" ") + 1) }));
  };

  /** Waits until the world has an event, told by the file system. */
  const seen = (start: string) =>
    new Promise<{ pid: number; event: string }>((resolve) => {
      const look = () => {
        const found = events().find(({ event }) => event.startsWith(start));
        if (!found) return;
        watcher.close();
        resolve(found);
      };
      const watcher = watch(lab.worldDir, look);
      look();
    });

  const launcher = () =>
    join(
      project.dir,
      "terraform.d/plugins",
      PROVIDER_SOURCE,
      version,
      `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`,
      `terraform-provider-threefold_v${version}`,
    );

  beforeAll(async () => {
    lab = await packageLab();
  });
  beforeEach(async () => {
    project = new TerraformProject({
      env: { LAB_WORLD: lab.worldDir },
      providers: { lab: { source: PROVIDER_SOURCE, version } },
    });
    const options = { stackDir: project.dir, packageDir: lab.packageDir, version };
    installProviderMirror({ ...options, requiredProviders: [], environment: project.env });
    project.write({});
    await project.init("-lockfile=readonly");
  });
  afterEach(async () => {
    await project.remove();
  });
  afterAll(() => lab.remove());

  it("lives through create, no change, update, replace and destroy", async () => {
    const write = (attributes: object) =>
      project.write({ resource: { lab_thing: { a: { name: "life", ...attributes } } } });
    write({ ratio: 0.1 });
    await project.apply();
    expect((await project.plan()).changes).toEqual([]);
    write({ ratio: 0.2 });
    await project.apply();
    expect(await project.attributes("lab_thing.a")).toMatchObject({ generation: 2, ratio: 0.2 });
    write({ kind: "new" });
    expect((await project.plan()).changes[0]?.actions).toEqual(["delete", "create"]);
    await project.apply("saved.tfplan");
    await project.destroy();
    expect(existsSync(join(lab.worldDir, "id-life.json"))).toBe(false);
  });

  it("works without TLS when the user switched it off", async () => {
    project.env.TF_DISABLE_PLUGIN_TLS = "1";
    project.write({
      data: { lab_echo: { e: { input: "plain" } } },
      output: { said: { value: "${data.lab_echo.e.output}" } },
    });
    await project.apply();
    expect(await project.outputs()).toEqual({ said: "plain!" });
  });

  it("does many things at a time", async () => {
    project.write({ resource: { lab_thing: { many: { count: 30, name: "p-${count.index}" } } } });
    await project.apply("-parallelism=30");
    expect((await project.resources()).length).toBe(30);
    await project.destroy("-parallelism=30");
  });

  it("stops waiting at Ctrl-C, and what exists is in the state", async () => {
    project.write({ resource: { lab_thing: { a: { name: "stopped", mode: "slow" } } } });
    const apply = project.start(["apply", "-auto-approve", "-json"]);
    const { pid } = await seen("waiting id-stopped");
    apply.signal("SIGINT");
    const { code, diagnostics } = await apply.done;
    expect(code).toBe(1);
    expect(diagnostics).toContainEqual(expect.objectContaining({ summary: "The lab refused: stopped." }));
    expect(await project.resources()).toMatchObject([{ tainted: true, values: { id: "id-stopped" } }]);
    expect(isAlive(pid)).toBe(false);
  });

  it("is gone soon after Terraform was killed, and leaves no socket behind", async () => {
    project.env.TMPDIR = join(project.dir, "tmp");
    mkdirSync(project.env.TMPDIR);
    project.write({ resource: { lab_thing: { a: { name: "orphan", mode: "slow" } } } });
    const apply = project.start(["apply", "-auto-approve"]);
    const { pid } = await seen("waiting id-orphan");
    process.kill(apply.child.pid ?? 0, "SIGKILL");
    await gone(pid);
    expect(spawnSync("find", [project.env.TMPDIR, "-name", "threefold-*"]).stdout.toString()).toBe("");
  });

  it("is gone after a while when Terraform was killed before it connected", async () => {
    const child = spawn(launcher(), { env: { PATH: process.env.PATH, ...cookie, PLUGIN_PROTOCOL_VERSIONS: "6" } });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  });

  it("is gone at once when Terraform was killed while it started, and leaves no socket behind", async () => {
    const tmp = join(project.dir, "tmp");
    mkdirSync(tmp);
    const env = { PATH: process.env.PATH, TMPDIR: tmp, ...cookie, PLUGIN_PROTOCOL_VERSIONS: "6" };
    const child = spawn(launcher(), { env });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(1);
    expect(spawnSync("find", [tmp, "-name", "threefold-*"]).stdout.toString()).toBe("");
  });

  it("ends on SIGTERM", async () => {
    project.write({ resource: { lab_thing: { a: { name: "terminated", mode: "slow" } } } });
    const apply = project.start(["apply", "-auto-approve", "-json"]);
    const { pid } = await seen("waiting id-terminated");
    process.kill(pid, "SIGTERM");
    expect((await apply.done).code).toBe(1);
    expect(isAlive(pid)).toBe(false);
  });

  it("shows the stack of a crash instead of silence", async () => {
    project.write({ resource: { lab_thing: { a: { name: "crash", mode: "crash" } } } });
    const { stdout, stderr } = await project.fail("apply");
    expect(stdout + stderr).toContain("crashed on purpose");
    expect(stdout + stderr).toContain("panic: ");
  });

  it("says in one line what to do when there is no node", async () => {
    const bin = join(project.dir, "bin");
    mkdirSync(bin);
    for (const tool of ["terraform", "sh", "dirname"]) symlinkSync(which(tool), join(bin, tool));
    project.env.PATH = bin;
    project.write({ data: { lab_echo: { e: { input: "x" } } } });
    const { stdout } = await project.fail("plan");
    expect(stdout).toContain("there is no node on the PATH: install Node.js");
  });

  it("is reached over loopback when the temporary directory is too deep for a socket", async () => {
    project.env.TMPDIR = join(project.dir, "d".repeat(100));
    mkdirSync(project.env.TMPDIR);
    project.write({ data: { lab_echo: { e: { input: "x" } } } });
    await project.apply();
  });

  it("writes what it has to say into Terraform's log", async () => {
    project.env.TF_LOG_PROVIDER = "ERROR";
    project.write({ resource: { lab_thing: { a: { name: "x", mode: "plan-throws" } } } });
    const { stderr } = await project.fail("plan");
    expect(stderr).toMatch(/\[ERROR\] .*defect while planning lab_thing:[\s\S]*stack=\s*\| TypeError: cannot read/);
  });

  it("waits for any Terraform command when it is started for a debugger", async () => {
    const child = spawn(launcher(), ["--debug"], { env: { PATH: process.env.PATH, LAB_WORLD: lab.worldDir } });
    const line = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
    const [, value = ""] = /^TF_REATTACH_PROVIDERS='(.*)'\n$/.exec(line) ?? [];
    const attached = new TerraformProject({ env: { TF_REATTACH_PROVIDERS: value }, providers: labProviders });
    attached.write({ data: { lab_echo: { e: { input: "x" } } } });
    await attached.init();
    await attached.apply();
    await attached.remove();
    child.kill("SIGTERM");
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  });

  it("says to a human that it is not run by hand", () => {
    const { status, stdout } = spawnSync(launcher(), { env: { PATH: process.env.PATH } });
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: "" });
  });

  it("tells a Terraform that is too old to speak its protocol", async () => {
    const child = spawn(launcher(), { env: { PATH: process.env.PATH, ...cookie, PLUGIN_PROTOCOL_VERSIONS: "4,5" } });
    let said = "";
    child.stdout.on("data", (data) => {
      said += data;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(1);
    expect(said).toMatch(/^This Terraform does not speak plugin protocol 6\..*\[TFG_TERRAFORM_TOO_OLD\]\n$/);
  });
});

const cookie = { TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2" };

function which(tool: string): string {
  return spawnSync("which", [tool]).stdout.toString().trim();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
}

/** Waits for the end of a process that is not a child; the test's own time limit is the deadline. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}
