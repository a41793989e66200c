import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { GridError } from "../../lib/core/errors";

const refusal = (change: Partial<ConstructorParameters<typeof GridError>[0]> = {}) =>
  new GridError({
    code: "TFG_BAD_VALUE",
    summary: "cpu cannot be 64.",
    facts: { given: 64, allowed: "1 to 32" },
    standing: "Nothing was started.",
    remedy: "ask for less.",
    attribute: ["cpu"],
    ...change,
  });

describe("GridError", () => {
  it("says everything in its message", () => {
    expect(refusal().message).toBe(
      "cpu cannot be 64.\n  given    64\n  allowed  1 to 32\nNothing was started.\nFix: ask for less. [TFG_BAD_VALUE]",
    );
  });

  it("says it once when printed with its fields", () => {
    const printed = inspect(refusal());
    expect(printed.match(/ask for less/g)).toHaveLength(1);
    expect(printed).not.toMatch(/retryable|standing:|\[cause\]/);
  });

  it("shows why when something else was the cause", () => {
    expect(inspect(refusal({ cause: new Error("the socket broke") }))).toContain("the socket broke");
  });

  it("is the same with something changed", () => {
    const changed = refusal().with({ facts: { construct: "web" }, retryable: true });
    expect(changed).toMatchObject({ code: "TFG_BAD_VALUE", facts: { construct: "web" }, attribute: ["cpu"] });
    expect(changed.message).toContain("construct  web");
    expect(changed.retryable).toBe(true);
  });

  it("leads to the line of the program that has to change, and to no other", () => {
    const folder = mkdtempSync(join(tmpdir(), "program-"));
    const program = join(folder, "main.ts");
    const lib = JSON.stringify(join(__dirname, "..", "..", "lib"));
    writeFileSync(
      program,
      `import { Testing } from "cdktf";
import { GridStack } from ${lib};
new GridStack(Testing.app(), "shop", { network: "mainnet", project: "shop" });
`,
    );
    try {
      const { said, lines } = runProgram(program);
      expect(said.match(/network cannot be "mainnet"/g)).toHaveLength(1);
      expect(lines).toEqual([expect.stringContaining("main.ts:3")]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** What a program that fails prints, and the lines of its stack. */
function runProgram(program: string): { readonly said: string; readonly lines: readonly string[] } {
  const root = join(__dirname, "..", "..");
  try {
    execFileSync(process.execPath, ["-r", "ts-node/register/transpile-only", program], {
      cwd: root,
      env: { ...process.env, TS_NODE_PROJECT: join(root, "tsconfig.json"), NODE_PATH: join(root, "node_modules") },
      stdio: "pipe",
    });
  } catch (error) {
    const said = String((error as { readonly stderr: Buffer }).stderr);
    return { said, lines: said.split("\n").filter((line) => /^ +at /.test(line)) };
  }
  throw new Error("the program was expected to fail");
}
