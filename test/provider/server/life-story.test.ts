import { writeFileSync } from "node:fs";
import { labProvider, labProviders, MemoryWorld } from "../../support/lab-provider";
import { TerraformProject } from "../../support/terraform";

describe("a resource under the real Terraform", () => {
  const world = new MemoryWorld();
  let project: TerraformProject;

  const thing = (name: string, attributes: Record<string, unknown> = {}) => ({
    resource: { lab_thing: { a: { name, ...attributes } } },
  });
  const everything = {
    ratio: 0.1,
    is_on: true,
    hidden: "hush",
    labels: { a: "1", "b.c": "2", __proto: "3" },
    scores: [1, 2.5, -7, 1e21],
    colours: ["red", "blue"],
    point: { x: 1, y: -2 },
    config: { level: 1 },
    disks: [{ size: 1 }, { size: 2 }],
    mounts: { data: { path: "/data" } },
    ports: [{ port: 80, protocol: "tcp" }, { port: 443 }],
  };

  beforeAll(async () => {
    project = await TerraformProject.attached(labProvider(world), { providers: labProviders });
  });
  beforeEach(() => {
    project.reset();
    world.clear();
    world.events.length = 0;
  });
  afterAll(() => project.remove());

  it("is created with values of every kind, and then stays as it is", async () => {
    project.write(thing("x", everything));
    await project.apply();
    expect(await project.attributes("lab_thing.a")).toMatchObject({
      ...everything,
      colours: ["blue", "red"],
      id: "id-x",
      note: "default",
      config: { level: 1, stamp: "set-id-x.config.stamp" },
      disks: [{ device: "set-id-x.disks.0.device" }, { device: "set-id-x.disks.1.device" }],
      mounts: { data: { path: "/data", device: "set-id-x.mounts.data.device" } },
      ports: [
        { port: 443, protocol: null },
        { port: 80, protocol: "tcp" },
      ],
    });
    expect((await project.plan()).changes).toEqual([]);
  });

  it("shows what only apply will tell as unknown, member by member", async () => {
    project.write(thing("x", { config: { level: 1 }, disks: [{ size: 1 }] }));
    await project.apply();
    project.write(thing("x", { config: { level: 2 }, disks: [{ size: 1 }, { size: 2 }] }));
    const { changes } = await project.plan();
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ actions: ["update"], after: { id: "id-x" } });
    expect(changes[0]?.afterUnknown).toMatchObject({
      generation: true,
      config: {},
      disks: [{}, { device: true }],
    });
    await project.apply("saved.tfplan");
    expect(await project.attributes("lab_thing.a")).toMatchObject({ generation: 2, config: { level: 2 } });
  });

  it("is changed in place, and replaced when an attribute cannot change", async () => {
    project.write(thing("x", { kind: "one" }));
    await project.apply();
    project.write(thing("x", { kind: "two" }));
    const { changes } = await project.plan();
    expect(changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["kind"]] });
    await project.apply();
    expect(world.events.filter((event) => /^(apply|destroy)/.test(event))).toEqual([
      'apply id-x {"planned":true} configured',
      expect.stringMatching(/^destroy id-x/),
      'apply id-x {"planned":true} configured',
    ]);
  });

  it("takes unknown values from another resource and resolves them in apply", async () => {
    project.write({
      resource: {
        lab_thing: {
          a: { name: "first" },
          b: {
            name: "second",
            labels: { from: "${lab_thing.a.seen_secret}-${lab_thing.a.generation}" },
            disks: [{ size: "${lab_thing.a.generation}" }],
          },
        },
      },
      data: { lab_echo: { e: { input: "${lab_thing.a.id}" } } },
      output: { said: { value: "${data.lab_echo.e.output}" } },
    });
    await project.apply();
    expect(await project.attributes("lab_thing.b")).toMatchObject({ labels: { from: "-1" }, disks: [{ size: 1 }] });
    expect(await project.outputs()).toEqual({ said: "id-first!" });
  });

  it("receives write-only values and never stores them", async () => {
    project.write(thing("x", { secret_wo: "canary-1", secret_version: 1, config: { level: 1, token_wo: "canary-2" } }));
    await project.apply();
    expect(await project.attributes("lab_thing.a")).toMatchObject({ seen_secret: "canary-1", secret_wo: null });
    expect((await project.plan()).changes).toEqual([]);
    const { stdout } = await project.succeed("state", "pull");
    expect(stdout).not.toContain("canary-2");
  });

  it("keeps private data between plan, apply, read and destroy", async () => {
    project.write(thing("x"));
    await project.apply();
    project.write(thing("x", { note: "changed" }));
    await project.apply();
    await project.destroy();
    const effects = world.events.filter((event) => /^(apply|destroy)/.test(event));
    expect(effects[1]).toBe('apply id-x {"planned":true,"applied":1,"reads":1} configured');
    expect(effects[2]).toMatch(/^destroy id-x \{"planned":true,"applied":2,"reads":\d\}$/);
  });

  it("is imported by its id", async () => {
    project.write(thing("x"));
    await project.apply();
    await project.succeed("state", "rm", "lab_thing.a");
    await project.succeed("import", "lab_thing.a", "id-x");
    expect(await project.attributes("lab_thing.a")).toMatchObject({ id: "id-x", name: "x", generation: 1 });
    expect((await project.plan()).changes).toEqual([]);
  });

  it("is planned anew when it is gone, and kept when it cannot be read", async () => {
    project.write(thing("x"));
    await project.apply();
    world.delete("id-x");
    expect((await project.plan()).changes[0]).toMatchObject({ actions: ["create"] });
    project.write(thing("x", { mode: "fail-read" }));
    await project.apply("-refresh=false");
    const { diagnostics } = await project.fail("plan");
    expect(diagnostics[0]).toMatchObject({ severity: "error", summary: "The lab refused: read." });
    expect(await project.attributes("lab_thing.a")).toMatchObject({ id: "id-x" });
  });

  it("is destroyed, or kept when that fails", async () => {
    project.write(thing("x", { mode: "fail-destroy" }));
    await project.apply();
    const { diagnostics } = await project.fail("destroy");
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ summary: "The lab refused: destroy.", detail: expect.stringContaining("[TFG_LAB]") }),
    );
    expect(await project.attributes("lab_thing.a")).toBeDefined();
    project.write(thing("x"));
    await project.apply();
    await project.destroy();
    expect(world.size).toBe(0);
  });

  it("is tainted when its creation fails half way, with unknowns stored as null", async () => {
    project.write(thing("x", { mode: "partial" }));
    const { diagnostics } = await project.fail("apply");
    expect(diagnostics).toContainEqual(expect.objectContaining({ summary: "The lab refused: half way." }));
    expect(await project.attributes("lab_thing.a")).toMatchObject({ id: "id-x", generation: null });
    project.write(thing("x"));
    expect((await project.plan()).changes[0]).toMatchObject({ actions: ["delete", "create"] });
  });

  it("leaves nothing in state when its creation throws, and the old state when its update does", async () => {
    project.write(thing("x", { mode: "fail-apply" }));
    await project.fail("apply");
    expect(await project.attributes("lab_thing.a")).toBeUndefined();
    project.write(thing("x"));
    await project.apply();
    project.write(thing("x", { mode: "fail-apply" }));
    await project.fail("apply");
    expect(await project.attributes("lab_thing.a")).toMatchObject({ mode: null, generation: 1 });
  });

  it("has its state upgraded version by version, without rounding numbers", async () => {
    project.write(thing("x"));
    await project.apply();
    const state = JSON.parse((await project.succeed("state", "pull")).stdout);
    const [instance] = state.resources[0].instances;
    instance.schema_version = 0;
    instance.attributes = { id: "id-x", title: "old", gone: true, scores: ["BIG"] };
    state.serial += 1;
    writeFileSync(
      `${project.dir}/old.tfstate`,
      JSON.stringify(state).replace('"BIG"', "123456789012345678901234567890"),
    );
    await project.succeed("state", "push", "old.tfstate");
    world.set("id-x", { ...world.get("id-x"), name: "old v1 v2", scores: [123456789012345678901234567890n] });
    project.write(`
      terraform {
        required_providers {
          lab = { source = "example/lab" }
        }
      }
      resource "lab_thing" "a" {
        name   = "old v1 v2"
        scores = [123456789012345678901234567890]
      }`);
    expect((await project.plan()).changes).toEqual([]);
  });

  it("refuses a state of a later schema version", async () => {
    project.write(thing("x"));
    await project.apply();
    const state = JSON.parse((await project.succeed("state", "pull")).stdout);
    state.resources[0].instances[0].schema_version = 3;
    writeFileSync(`${project.dir}/terraform.tfstate`, JSON.stringify(state));
    const { diagnostics } = await project.fail("plan");
    // Terraform itself refuses first: it knows the version from the schema.
    expect(diagnostics[0]?.summary).toMatch(/newer/i);
  });

  it("closes the session of the walk before when a new one is configured", async () => {
    project.write({ ...thing("x"), provider: { lab: { prefix: "one" } } });
    await project.apply();
    project.write({ ...thing("x"), provider: { lab: { prefix: "two" } } });
    await project.apply();
    const sessions = world.events.filter((event) => /^(configure|close)/.test(event));
    const firstTwo = sessions.indexOf("configure two");
    expect(sessions.slice(firstTwo, firstTwo + 2)).toEqual(["configure two", "close one"]);
  });
});
