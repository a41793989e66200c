import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findCdktf } from "../../../lib/cli/cdktf/find-cdktf";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "find-cdktf-"));
});

afterEach(() => rmSync(root, { recursive: true }));

function program(path: string, mode = 0o755): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "#!/bin/sh\n", { mode });
  return file;
}

function find(folder: string, path = ""): string {
  mkdirSync(join(root, folder), { recursive: true });
  return findCdktf(join(root, folder), path);
}

describe("the cdktf that is run", () => {
  test("is the nearest one in node_modules, before any on the PATH", () => {
    const outer = program("a/node_modules/.bin/cdktf");
    const inner = program("a/b/c/node_modules/.bin/cdktf");
    program("bin/cdktf");
    const path = join(root, "bin");
    expect(find("a/b/c/d", path)).toBe(inner);
    expect(find("a/b", path)).toBe(outer);
  });

  test("is the first one on the PATH when node_modules has none", () => {
    const first = program("one/cdktf");
    program("two/cdktf");
    expect(find("a", ["", join(root, "none"), join(root, "one"), join(root, "two")].join(delimiter))).toBe(first);
  });

  test("is cdktn where that is installed instead", () => {
    const successor = program("a/node_modules/.bin/cdktn");
    program("bin/cdktf");
    expect(find("a", join(root, "bin"))).toBe(successor);
    expect(find("a", "")).toBe(successor);
  });

  test("is nothing that cannot be run", () => {
    program("one/cdktf", 0o644);
    mkdirSync(join(root, "two/cdktf"), { recursive: true });
    const whole = program("three/cdktf");
    const path = ["one", "two", "three"].map((name) => join(root, name)).join(delimiter);
    expect(find("a", path)).toBe(whole);
  });

  test("is said to be missing, with where it was looked for and how to get it", () => {
    expect(() => find("a")).toThrow(
      [
        "There is no cdktf command line.",
        `  looked in  node_modules of ${join(root, "a")} and of every directory above it, and on the PATH`,
        "Nothing was started.",
        "Fix: run this in the project's directory, after `npm install --save-dev cdktf-cli@0.21` if it has none. [TFG_NO_CDKTF]",
      ].join("\n"),
    );
  });
});
