import type { ProviderDefinition } from "../../../lib/provider/resource";
import { labProvider, labProviders, MemoryWorld } from "../../support/lab-provider";
import { serveForTests, TerraformProject } from "../../support/terraform";

/** The lab's provider from before its thing was renamed: version 0 has a `title` that is made of words. */
function earlier(world: MemoryWorld): ProviderDefinition {
  const definition = labProvider(world);
  const [thing] = definition.resources;
  if (!thing) throw new Error("the lab has no thing");
  const { name: _, ...attributes } = thing.schema.attributes;
  const text = { type: "string", description: "A text." } as const;
  const schema = { ...thing.schema, version: 0, attributes: { ...attributes, title: { ...text, required: true } } };
  return {
    ...definition,
    resources: [
      {
        ...thing,
        schema,
        validate: () => [],
        plan: async ({ proposed }) => ({ planned: { ...proposed, id: "id-old", generation: 1, seen_secret: "" } }),
        apply: async ({ planned }) => ({ state: planned, private: { from: "earlier" } }),
      },
    ],
  };
}

test("an object of an earlier version is read by the present one, and stays as it is", async () => {
  const world = new MemoryWorld();
  const project = await TerraformProject.attached(earlier(world), { providers: labProviders });
  try {
    project.write({ resource: { lab_thing: { a: { title: "old", note: "kept" } } } });
    await project.apply();
    const { title, ...kept } = (await project.attributes("lab_thing.a")) ?? {};
    expect(title).toBe("old");
    world.set("id-old", { ...(kept as Record<string, string>), name: "old v1 v2" });
    const present = await serveForTests(labProvider(world), labProviders.lab.source);
    project.env.TF_REATTACH_PROVIDERS = present.reattach;
    try {
      project.write({ resource: { lab_thing: { a: { name: "old v1 v2", note: "kept" } } } });
      expect((await project.plan()).changes).toEqual([]);
      await project.apply("saved.tfplan");
      await project.destroy();
      expect(world.events.filter((event) => event.startsWith("destroy"))).toEqual([
        expect.stringMatching(/^destroy id-old \{"from":"earlier"/),
      ]);
    } finally {
      await present.close();
    }
  } finally {
    await project.remove();
  }
});
