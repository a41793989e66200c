import { type GridProject, startGridProject } from "../../support/grid-project";

let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

/** What the data source says, as outputs of an apply. */
async function read(filter: Record<string, unknown>): Promise<Record<string, unknown>> {
  project.write({
    data: { threefold_gateway_domains: { here: filter } },
    output: { found: { value: "${data.threefold_gateway_domains.here}" } },
  });
  await project.terraform.apply();
  return (await project.terraform.outputs()).found as Record<string, unknown>;
}

test("lists the gateways that are up, with their domains and addresses, by number", async () => {
  const { gateways, findings, reachable } = await read({});
  expect({ findings, reachable }).toEqual({ findings: [], reachable: true });
  expect(gateways).toMatchObject([
    { node_id: 1, domain: "gent01.devgrid.test", public_ipv4: "185.206.122.31/24", country: "Belgium" },
    { node_id: 2, domain: "gent02.devgrid.test" },
    { node_id: 4, domain: "falk01.devgrid.test" },
    { node_id: 7, domain: "vienna01.devgrid.test" },
  ]);
});

test("lists those of a country and a farm only, and says when there are none", async () => {
  expect((await read({ country: "Austria", farm_id: 2 })).gateways).toMatchObject([{ node_id: 7 }]);
  expect(await read({ country: "Egypt" })).toMatchObject({
    gateways: [],
    findings: ["the directory lists no such gateway that is up"],
    reachable: true,
  });
});

test("leaves one out that is down", async () => {
  await project.grid.control("dev.setNodeOffline", 1);
  const { gateways } = await read({ country: "Belgium" });
  await project.grid.control("dev.setNodeOffline", 1, false);
  expect(gateways).toMatchObject([{ node_id: 2 }]);
});

test("says that the directory does not answer, as a value and a warning, never as an error", async () => {
  await project.grid.control("dev.setDown", "directory");
  const found = await read({});
  await project.grid.control("dev.setDown", "directory", false);
  expect(found).toMatchObject({ gateways: [], reachable: false, findings: [expect.stringContaining("directory")] });
});
