import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Devgrid } from "../../lib/devgrid/devgrid";

const page = readFileSync(join(__dirname, "..", "..", "docs", "devgrid.md"), "utf8");

describe("docs/devgrid.md", () => {
  let grid: Devgrid;

  beforeAll(async () => {
    grid = await Devgrid.start();
  });

  afterAll(() => grid.close());

  test("lists the controls that there are, in the words of the service itself", async () => {
    const rows = [...page.matchAll(/^\| `(dev\.\w+)` \| (.*) \|$/gm)];
    const listed = Object.fromEntries(rows.map(([, name = "", doc = ""]) => [name, doc.replace(/[`\\]/g, "")]));
    const answer = await fetch(grid.describe().control);
    expect(listed).toEqual(await answer.json());
  });

  test("names every node, its place and its farm", () => {
    const rows = [...page.matchAll(/^\| ([\d, ]+) \| (\w+), (\w+) \| (\d) \|/gm)];
    const listed = rows.flatMap(([, ids = "", city, country, farm]) =>
      ids.split(", ").map((id) => ({ nodeId: Number(id), city, country, farmId: Number(farm) })),
    );
    const nodes = grid.describe().nodes.map(({ nodeId, city, country, farmId }) => ({ nodeId, city, country, farmId }));
    expect(listed).toEqual(nodes);
  });
});
