import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

describe("README.md", () => {
  test("shows code that is in the examples, word for word", () => {
    const blocks = [...readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)];
    expect(blocks).toHaveLength([...readme.matchAll(/```ts\n/g)].length);
    expect(blocks.length).toBeGreaterThan(0);
    for (const [, file = "", code = ""] of blocks) {
      expect(readFileSync(join(root, file), "utf8")).toContain(code);
    }
  });

  test("links to what there is", () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)(?:#([^)]+))?\)/g)];
    expect(links.length).toBeGreaterThan(10);
    for (const [, path = "", anchor] of links) {
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
      if (anchor) expect(readFileSync(join(root, path), "utf8").toLowerCase()).toContain(`\n### ${anchor}\n`);
    }
  });

  test("has a row for every construct", () => {
    const files = readdirSync(join(root, "lib", "constructs")).filter((name) => name.endsWith(".ts"));
    const rows = [...readme.matchAll(/^\| \[`\w+`\]\(lib\/constructs\/([\w-]+\.ts)\)/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(files.sort());
  });

  test("names scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const named = [...readme.matchAll(/npm run ([\w-]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
