import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installProviderMirror } from "../../../lib/constructs/private/provider-package";
import { PROVIDER_SOURCE } from "../../../lib/core/provider-source";
import { type PackagedLab, packageLab } from "../../support/packaged-lab";
import { TerraformProject } from "../../support/terraform";

const platforms = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"];
const nullProvider = "registry.terraform.io/hashicorp/null";

describe("the provider beside a stack", () => {
  let dir: string;
  let packageDir: string;

  const install = (options: { version?: string; requiredProviders?: { source: string; version?: string }[] } = {}) =>
    installProviderMirror({
      stackDir: dir,
      packageDir,
      version: "1.2.3",
      requiredProviders: [{ source: PROVIDER_SOURCE, version: "1.2.3" }],
      environment: { HOME: dir },
      ...options,
    });
  const mirror = (...path: string[]) => join(dir, "terraform.d/plugins", PROVIDER_SOURCE, ...path);
  const lockFile = () => readFileSync(join(dir, ".terraform.lock.hcl"), "utf8");

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "stack-"));
    packageDir = mkdtempSync(join(tmpdir(), "package-"));
    writeFileSync(join(packageDir, "provider.cjs"), "// provider");
    writeFileSync(join(packageDir, "chunk-1.cjs"), "// chunk");
  });
  afterEach(() => {
    for (const path of [dir, packageDir]) rmSync(path, { recursive: true, force: true });
  });

  it("is there for every system, with a launcher that can be executed and that comes first by name", () => {
    expect(install()).toEqual([]);
    expect(readdirSync(mirror("1.2.3")).sort()).toEqual(platforms);
    expect(statSync(mirror("1.2.3")).mode & 0o777).toBe(0o755);
    for (const platform of platforms) {
      const names = readdirSync(mirror("1.2.3", platform)).sort();
      expect(names).toEqual(["chunk-1.cjs", "provider.cjs", "terraform-provider-threefold_v1.2.3"]);
      expect(statSync(mirror("1.2.3", platform, "terraform-provider-threefold_v1.2.3")).mode & 0o777).toBe(0o755);
    }
    expect(readdirSync(join(dir, "terraform.d"))).toEqual(["plugins"]);
  });

  it("is missed when its directory cannot be written, with what to do", () => {
    writeFileSync(join(dir, "terraform.d"), "a file in the way");
    expect(() => install()).toThrow(
      /cannot be put beside the stack[\s\S]*make the directory writable[\s\S]*TFG_STACK_DIRECTORY/,
    );
  });

  it("takes no space of its own: the files are links to those of the package", () => {
    install();
    const inode = statSync(join(packageDir, "provider.cjs")).ino;
    expect(platforms.map((platform) => statSync(mirror("1.2.3", platform, "provider.cjs")).ino)).toEqual([
      inode,
      inode,
      inode,
      inode,
    ]);
  });

  it("replaces other versions, and the same version with other content", () => {
    install();
    install({ version: "1.2.4" });
    expect(readdirSync(mirror())).toEqual(["1.2.4"]);
    rmSync(join(packageDir, "chunk-1.cjs"));
    writeFileSync(join(packageDir, "chunk-2.cjs"), "// other");
    install({ version: "1.2.4" });
    expect(readdirSync(mirror("1.2.4", "linux_amd64"))).toContain("chunk-2.cjs");
    expect(readdirSync(mirror("1.2.4", "linux_amd64"))).not.toContain("chunk-1.cjs");
  });

  it("has a lock entry with its exact version and the hash Terraform would compute", () => {
    install();
    const files = readdirSync(mirror("1.2.3", "linux_amd64")).sort();
    const lines = files.map(
      (name) => `${sha256(readFileSync(mirror("1.2.3", "linux_amd64", name)), "hex")}  ${name}\n`,
    );
    expect(lockFile()).toContain(
      `provider "${PROVIDER_SOURCE}" {\n  version     = "1.2.3"\n  constraints = "1.2.3"\n  hashes = [\n    "h1:${sha256(lines.join(""), "base64")}",\n  ]\n}\n`,
    );
  });

  it("keeps lock entries of other providers and adds missing ones without hashes", () => {
    const kept = `provider "example.com/a/b" {\n  version     = "9.9.9"\n  constraints = "~> 9.0"\n  hashes = [\n    "h1:abc=",\n    "zh:def",\n  ]\n}\n`;
    writeFileSync(join(dir, ".terraform.lock.hcl"), `# a comment\n\n${kept}`);
    const warnings = install({
      requiredProviders: [
        { source: "hashicorp/null", version: "3.2.2" },
        { source: "example.com/a/b", version: "~> 9.0" },
      ],
    });
    expect(warnings).toEqual([]);
    expect(lockFile()).toContain(kept);
    expect(lockFile()).toContain(`provider "${nullProvider}" {\n  version     = "3.2.2"\n  constraints = "3.2.2"\n}\n`);
    const before = lockFile();
    install({ requiredProviders: [{ source: "hashicorp/null", version: "= 3.2.2" }] });
    expect(lockFile()).toBe(before);
  });

  it("renews the entry of a provider whose exact version was changed", () => {
    install({ requiredProviders: [{ source: "null", version: "3.2.2" }] });
    install({ requiredProviders: [{ source: "null", version: "3.2.3" }] });
    expect(lockFile()).toContain(`provider "${nullProvider}" {\n  version     = "3.2.3"\n  constraints = "3.2.3"\n}\n`);
    expect(lockFile()).not.toContain("3.2.2");
  });

  it.each([["~> 3.2"], [undefined], [">= 3.2.0, < 4.0.0"]])(
    "warns when another provider is required as %s",
    (version) => {
      const [warning] = install({ requiredProviders: [{ source: "hashicorp/null", version }] });
      expect(warning).toContain(nullProvider);
      expect(warning).toContain("--skip-provider-lock");
      expect(lockFile()).not.toContain("hashicorp/null");
    },
  );

  describe("with settings of the user", () => {
    const installation = "provider_installation {\n  direct {}\n}\n";
    const warningsWith = (environment: Record<string, string>) =>
      installProviderMirror({ stackDir: dir, packageDir, version: "1.2.3", requiredProviders: [], environment });

    it.each([
      [".terraformrc", installation],
      [".terraformrc", '{ "provider_installation": { "direct": {} } }'],
      [".tofurc", `plugin_cache_dir = "x"\n${installation}`],
    ])("says what to add when %s turns implied mirrors off", (name, settings) => {
      writeFileSync(join(dir, name), settings);
      const [warning] = warningsWith({ HOME: dir });
      expect(warning).toContain(join(dir, name));
      expect(warning).toContain("filesystem_mirror");
    });

    it("looks into the file TF_CLI_CONFIG_FILE names, and nowhere else", () => {
      writeFileSync(join(dir, ".terraformrc"), installation);
      writeFileSync(join(dir, "other"), installation);
      expect(warningsWith({ HOME: dir, TF_CLI_CONFIG_FILE: join(dir, "other") })[0]).toContain("other");
      expect(warningsWith({ HOME: dir, TF_CLI_CONFIG_FILE: join(dir, "missing") })).toEqual([]);
    });

    it.each([
      ["in a comment", `# ${installation.replaceAll("\n", " ")}\n/* ${installation} */ // x\n`],
      [
        "that already speaks of this provider",
        installation.replace(
          "direct {}",
          `filesystem_mirror {\n path = "terraform.d/plugins"\n include = ["${PROVIDER_SOURCE}"]\n}`,
        ),
      ],
      ["without such a block", 'plugin_cache_dir = "provider_installation"\n'],
    ])("is silent about settings %s", (_what, settings) => {
      writeFileSync(join(dir, ".terraformrc"), settings);
      expect(warningsWith({ HOME: dir })).toEqual([]);
    });
  });
});

describe("the provider beside a stack, under the real Terraform", () => {
  let lab: PackagedLab;
  let project: TerraformProject;
  const version = "0.1.0-dev.h0123456789";

  const install = () =>
    installProviderMirror({
      stackDir: project.dir,
      packageDir: lab.packageDir,
      version,
      requiredProviders: [{ source: PROVIDER_SOURCE, version }],
      environment: project.env,
    });

  beforeAll(async () => {
    lab = await packageLab();
  });
  beforeEach(() => {
    project = new TerraformProject({
      env: { LAB_WORLD: lab.worldDir },
      providers: { lab: { source: PROVIDER_SOURCE, version } },
    });
    install();
    project.write({ data: { lab_echo: { e: { input: "x" } } } });
  });
  afterEach(() => project.remove());
  afterAll(() => lab.remove());

  it("is installed offline with a lock file that init need not touch", async () => {
    const before = readFileSync(join(project.dir, ".terraform.lock.hcl"), "utf8");
    await project.init("-lockfile=readonly");
    await project.apply();
    await project.init();
    expect(readFileSync(join(project.dir, ".terraform.lock.hcl"), "utf8")).toBe(before);
  });

  it("is refused when its files are not those of the lock entry", async () => {
    const mirror = join(project.dir, "terraform.d/plugins", PROVIDER_SOURCE, version);
    for (const platform of platforms) writeFileSync(join(mirror, platform, "extra.cjs"), "");
    const { stderr } = await project.fail("init", "-no-color");
    expect(stderr).toContain("doesn't match any of the checksums");
  });

  it("is found through the lines the warning tells people with their own settings to add", async () => {
    const cliConfig = (block: string) =>
      writeFileSync(project.env.TF_CLI_CONFIG_FILE ?? "", `provider_installation {\n${block}\n}\n`);
    cliConfig("direct {}");
    const [warning = ""] = install();
    await project.fail("init", "-no-color");
    cliConfig(warning.slice(warning.indexOf("\n")));
    await project.init();
    expect(install()).toEqual([]);
  });

  it("is found again when the project that filled the plugin cache is gone", async () => {
    const cache = join(lab.worldDir, "plugin-cache");
    mkdirSync(cache);
    project.env.TF_PLUGIN_CACHE_DIR = cache;
    await project.init();
    expect(existsSync(join(cache, PROVIDER_SOURCE, version))).toBe(true);
    await project.remove();
    project = new TerraformProject({
      env: { LAB_WORLD: lab.worldDir, TF_PLUGIN_CACHE_DIR: cache },
      providers: { lab: { source: PROVIDER_SOURCE, version } },
    });
    install();
    project.write({ data: { lab_echo: { e: { input: "x" } } } });
    await project.init();
    await project.apply();
  });
});

function sha256(content: Buffer | string, encoding: "hex" | "base64"): string {
  return createHash("sha256").update(content).digest(encoding);
}
