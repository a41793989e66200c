/** The demo as somebody who has just cloned this sees it: real cdktf, real Terraform, a grid in a process of its own. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function runDemo(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Outcome> {
  const child = spawn(process.execPath, ["-r", "ts-node/register", "scripts/demo.ts", ...args], { cwd: root, env });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done({ code, ...said }));
  });
}

/** What stays the same from run to run: addresses, hashes, numbers and column widths differ. */
function shapeOf(line: string): string {
  return line
    .replace(/ws:\/\/\S+/g, "URL")
    .replace(/\b[0-9a-f]{12}\b/g, "HASH")
    .replace(/\[?[0-9a-f]*:[0-9a-f:]+\]?/g, "IPV6")
    .replace(/\d+(\.\d+)*/g, "N")
    .replace(/\s+/g, " ")
    .trim();
}

/** What a terminal is left with: announcements of steps are overwritten there. */
function shownLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("…"))
    .map((line) => shapeOf(line.replace(/a block every \d+ s/, "a block every N s")));
}

describe("npm run demo", () => {
  test("deploys, sends nothing the second time, destroys, and ends with an empty grid, as the README shows", async () => {
    const { code, out, err } = await runDemo(["--no-build", "--block-time", "1"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/✓ cdktf deploy, again .* no changes: 0 extrinsics, 0 node writes\n/);
    expect(out).toMatch(/✓ cdktf destroy .* the grid is empty: 0 contracts, 0 workloads\n/);
    expect(out.trimEnd().split("\n").at(-1)).toMatch(/^Done in [\d.]+ s\. /);
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const shown = /npm run demo\n\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    expect(shownLines(shown)).toEqual(shownLines(out));
  });

  test("says what to install when there is neither terraform nor tofu", async () => {
    const path = mkdtempSync(join(tmpdir(), "path-"));
    symlinkSync(process.execPath, join(path, "node"));
    const { code, out, err } = await runDemo([], { ...process.env, PATH: path });
    rmSync(path, { recursive: true });
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("There is neither terraform nor tofu on the PATH.");
    expect(err).toContain("brew install opentofu");
    expect(err).toContain("https://developer.hashicorp.com/terraform/install");
  });

  test("fails with what the grid said when that does not start", async () => {
    const { code, out, err } = await runDemo(["--no-build", "--block-time", "soon"]);
    expect(code).toBe(1);
    expect(out).toContain("✗ start a local grid");
    expect(err).toContain('--block-time is "soon"; allowed: a number');
    const project = /everything that was said: (\S+)/.exec(err)?.[1] ?? "";
    expect(existsSync(project)).toBe(true);
    rmSync(project, { recursive: true });
  });
});
