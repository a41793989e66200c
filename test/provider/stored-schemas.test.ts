/** No schema changes in a way that states of released versions do not survive: users have nothing else to find their contracts by. */
import { providerDefinition } from "../../lib/provider/definition";
import type { Resource } from "../../lib/provider/resource";
import type { Attribute, BlockSchema } from "../../lib/provider/schema/schema";
import { outlineOf } from "../support/stored-states/schema-outline";
import { storageProblems } from "../support/stored-states/storage-problems";

test.each(providerDefinition.resources.map((resource) => ({ resource, name: resource.typeName })))(
  "$name reads every state that it ever wrote",
  ({ resource }) => {
    expect(storageProblems(resource)).toEqual([]);
  },
);

describe("a schema", () => {
  const text: Attribute = { type: "string", required: true, description: "A text." };
  const nested = (nesting: "list" | "map", attributes: Record<string, Attribute>): Attribute => ({
    nested: { nesting, attributes },
    optional: true,
    description: "Objects.",
  });
  const attributes = { name: text, owner: { ...text, type: { object: { id: "string" } } as const } };
  const before = { ...attributes, disks: nested("list", { size: { ...text, type: "number" } }) };
  const find = () => ({ schema: outlineOf(before) });
  const resource = (present: Record<string, Attribute>, more: Partial<Resource> & Partial<BlockSchema> = {}) => {
    const { version = 0, upgrades } = more;
    return {
      typeName: "lab_thing",
      schema: { version, description: "A thing.", attributes: present },
      upgrades,
    } as Resource;
  };
  const { disks } = before;

  test.each<[string, Record<string, Attribute>]>([
    ["stays as it is", before],
    ["gets an attribute that may be left out", { ...before, note: { ...text, required: false, optional: true } }],
    ["gets an attribute of the provider's own", { ...before, note: { ...text, required: false, computed: true } }],
    [
      "gets one inside of objects",
      {
        ...before,
        disks: nested("list", { ...disks.nested?.attributes, device: { ...text, required: false, computed: true } }),
      },
    ],
    ["asks for less", { ...before, name: { ...text, required: false, optional: true } }],
  ])("that %s needs no new version", (_what, present) => {
    expect(storageProblems(resource(present), find)).toEqual([]);
  });

  test.each<[string, Record<string, Attribute>]>([
    ["disks is gone", attributes],
    ["note is new and required", { ...before, note: text }],
    ['name was "string" and is "number"', { ...before, name: { ...text, type: "number" } }],
    ["name is write-only", { ...before, name: { ...text, writeOnly: true } }],
    [
      'owner was ["object",{"id":"string"}] and is ["object",{"id":"string","key":"string"}]',
      { ...before, owner: { ...text, type: { object: { id: "string", key: "string" } } } },
    ],
    [
      "disks was nested (list) and is nested (map)",
      { ...before, disks: nested("map", { ...disks.nested?.attributes }) },
    ],
    ["disks.size is gone", { ...before, disks: nested("list", {}) }],
  ])("of which %s needs a new version and an upgrade", (what, present) => {
    const [problem, ...others] = storageProblems(resource(present), find);
    expect(others).toEqual([]);
    expect(problem).toContain(`lab_thing: ${what}. States of version 0 do not fit any more: set its version to 1`);
  });

  test("of a new version needs an upgrade from every earlier one, and kept states", () => {
    const upgrades = { 0: (state: object) => ({ ...state }) };
    const onlyFirst = (_: string, version: number) => (version === 0 ? find() : undefined);
    expect(storageProblems(resource(before, { version: 1, upgrades }), find)).toEqual([]);
    expect(storageProblems(resource(before, { version: 2, upgrades }), find)).toEqual([
      "lab_thing is at version 2 and has no upgrade from version 1: write upgrades[1].",
    ]);
    expect(storageProblems(resource(before, { upgrades }), find)).toEqual([
      "lab_thing has upgrades[0] and is at version 0: raise it to 1.",
    ]);
    expect(storageProblems(resource(before, { version: 1, upgrades }), onlyFirst)).toEqual([
      expect.stringMatching(/v1\/lab_thing\.json is missing: keep what it stores with STORE_STATES=1/),
    ]);
  });
});
