import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { providerDefinition } from "../../lib/provider/definition";
import { referencePages } from "../../scripts/reference/reference-pages";

const docs = join(__dirname, "..", "..", "docs");

describe("the reference in docs", () => {
  const fresh = referencePages(providerDefinition);

  test("is what the schemas of the provider give now; `npm run generate` renews it", () => {
    const folders = ["resources", "data-sources"];
    const found = folders.flatMap((folder) => readdirSync(join(docs, folder)).map((name) => `${folder}/${name}`));
    expect(["provider.md", ...found].sort()).toEqual([...fresh.keys()].sort());
    const stale = [...fresh].filter(([path, text]) => readFileSync(join(docs, path), "utf8") !== text);
    expect(stale.map(([path]) => path)).toEqual([]);
  });

  test("describes every attribute in a sentence of its own", () => {
    const rows = [...fresh].flatMap(([path, text]) => text.split("\n").map((line) => ({ path, line })));
    const bare = rows.filter(({ line }) => /^- `/.test(line) && !/^- `\w+` \([^)]+\) .{4,}[.…]$/.test(line));
    expect(bare).toEqual([]);
  });
});
