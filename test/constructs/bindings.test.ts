import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { threefoldBindings } from "../../scripts/bindings/threefold-bindings";

const committed = join(__dirname, "../../lib/constructs/gen");

describe("the generated bindings", () => {
  it("are what the schemas of the provider give now; `npm run generate` renews them", async () => {
    const files = readdirSync(committed, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
    const found = new Map(files.map((path) => [path, readFileSync(join(committed, path), "utf8")]));
    const fresh = await threefoldBindings();
    expect([...found.keys()].sort()).toEqual([...fresh.keys()].sort());
    const stale = [...fresh].filter(([path, content]) => found.get(path) !== content).map(([path]) => path);
    expect(stale).toEqual([]);
  });
});
