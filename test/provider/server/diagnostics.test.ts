import { labProvider, labProviders, MemoryWorld } from "../../support/lab-provider";
import { TerraformProject } from "../../support/terraform";

describe("what the user is told", () => {
  const world = new MemoryWorld();
  let project: TerraformProject;

  const thing = (attributes: Record<string, unknown>) => ({
    resource: { lab_thing: { a: { name: "x", ...attributes } } },
  });

  beforeAll(async () => {
    process.env.LAB_TEST_SECRET = "s3cr3t-in-the-lab";
    project = await TerraformProject.attached(labProvider(world), { providers: labProviders });
  });
  beforeEach(() => {
    project.reset();
    world.clear();
  });
  afterAll(async () => {
    process.env.LAB_TEST_SECRET = undefined;
    await project.remove();
  });

  it("is every finding about the configuration at once, each at its line", async () => {
    project.write(
      'terraform {\n  required_providers {\n    lab = { source = "example/lab" }\n  }\n}\nresource "lab_thing" "a" {\n  name = "bad"\n}\n',
    );
    const { diagnostics } = await project.fail("plan");
    expect(diagnostics.map((diagnostic) => diagnostic.summary)).toEqual([
      "The lab refused: name.",
      "The lab refused: disks.",
    ]);
    expect(diagnostics[0]?.snippet?.code).toContain('name = "bad"');
    expect(diagnostics[0]?.detail).toContain("Fix: ask for something else. [TFG_LAB]");
  });

  it("is what is wrong with the provider block", async () => {
    project.write({ ...thing({}), provider: { lab: { prefix: "bad" } } });
    const { diagnostics } = await project.fail("plan");
    expect(diagnostics[0]).toMatchObject({ summary: "The lab refused: prefix." });
  });

  it("is a warning of plan and of read, without stopping either", async () => {
    project.write(thing({ note: "warn" }));
    const result = await project.apply();
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({ severity: "warning", summary: "lab_thing x is planned odd" }),
    );
    expect((await project.plan()).diagnostics).toContainEqual(
      expect.objectContaining({ severity: "warning", summary: "lab_thing x is odd" }),
    );
  });

  it.each([
    ["throws something it did not design", "plan-throws", "cannot read 'x' of undefined: ***"],
    ["plans a value of another type", "plan-misfit", "name is not a string".replace("name ", "")],
  ])("is that the provider has a defect when its plan %s, without secrets", async (_what, mode, said) => {
    project.write(thing({ mode }));
    const result = await project.fail("plan");
    expect(result.diagnostics[0]).toMatchObject({
      summary: "This is a defect of the provider, met while planning lab_thing.",
      detail: expect.stringContaining(said),
    });
    expect(result.stdout).not.toContain("s3cr3t-in-the-lab");
  });

  it.each([
    ["defect-throw", "oops *** oops"],
    ["defect-unknown", "note"],
    ["defect-changed", "labels"],
  ])("names the attribute when apply breaks its promise (%s), and keeps the state", async (mode, said) => {
    project.write(thing({ mode, labels: { a: "1" } }));
    const { diagnostics } = await project.fail("apply");
    expect(diagnostics[0]).toMatchObject({
      summary: "This is a defect of the provider, met while applying lab_thing.",
      detail: expect.stringContaining(said),
    });
    const kept = await project.attributes("lab_thing.a");
    if (mode !== "defect-throw") expect(kept).toMatchObject({ id: "id-x" });
    else expect(kept).toBeUndefined();
  });
});
