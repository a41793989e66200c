import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Testing } from "cdktf";
import { CANARIES, ShopStack } from "../support/shop-stack";

const root = join(__dirname, "../..");

const PROGRAM = `
  const { App } = require("cdktf");
  const { ShopStack } = require("./test/support/shop-stack");
  const app = new App();
  new ShopStack(app, "shop");
  app.synth();`;

/** Runs the program in a process of its own and gives what it wrote for the stack. */
function synthesise(env: Readonly<Record<string, string>> = {}): string {
  const outdir = mkdtempSync(join(tmpdir(), "shop-"));
  try {
    execFileSync(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", PROGRAM], {
      cwd: root,
      env: { PATH: process.env.PATH, CDKTF_OUTDIR: outdir, ...env },
      stdio: "pipe",
    });
    return readFileSync(join(outdir, "stacks/shop/cdk.tf.json"), "utf8");
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

describe("synth", () => {
  it("gives the same bytes for the same program, in another process and another environment", () => {
    const bare = synthesise();
    expect(bare.length).toBeGreaterThan(4000);
    expect(synthesise({ ...CANARIES, LANG: "tr_TR.UTF-8", TZ: "Pacific/Auckland" })).toBe(bare);
  });

  it("holds no secret, only where it is", () => {
    const text = synthesise(CANARIES);
    expect(text).toContain("env:SHOP_API_KEY");
    expect(text).toContain("derive:qsfs-key/files/1@");
    for (const secret of Object.values(CANARIES)) expect(text).not.toContain(secret);
  });

  it("names everything in Terraform as the program names it", () => {
    const { resource, data } = JSON.parse(Testing.synth(new ShopStack(Testing.app(), "shop")));
    const names = Object.entries<Record<string, unknown>>({ ...resource, ...data }).map(([type, found]) => [
      type,
      Object.keys(found),
    ]);
    expect(Object.fromEntries(names)).toEqual({
      threefold_project: ["project"],
      threefold_candidates: ["candidates"],
      threefold_placement: ["placement"],
      threefold_gateway_name: ["www"],
      threefold_network: ["mesh"],
      threefold_zdb: [
        "db",
        "files_data_0_2B653D41",
        "files_data_1_78D25E45",
        "files_metadata_0_3D28FAB9",
        "files_metadata_1_EB293BE0",
        "files_metadata_2_13210A40",
        "files_metadata_3_6792E3EA",
      ],
      threefold_virtual_machine: ["alone", "web", "worker"],
    });
  });

  it("keeps the stack apart from others of the same program", () => {
    const app = new App({ outdir: mkdtempSync(join(tmpdir(), "shop-")) });
    try {
      new ShopStack(app, "one");
      expect(() => new ShopStack(app, "two")).not.toThrow();
      expect(() => app.synth()).toThrow(/Two stacks own the project "shop"/);
    } finally {
      rmSync(app.outdir, { recursive: true, force: true });
    }
  });
});
