import type { Attribute, BlockSchema } from "../../schema/schema";
import { typeJson } from "../../schema/type-json";
import type { MessageInit } from "./messages";

const nestings = { single: 1, list: 2, set: 3, map: 4 } as const;
const markdown = 1;

/** A schema as the plugin protocol carries it. */
export function wireSchema(schema: BlockSchema): MessageInit<"Schema"> {
  return {
    version: schema.version,
    block: {
      attributes: wireAttributes(schema.attributes),
      description: schema.description,
      description_kind: markdown,
    },
  };
}

function wireAttributes(attributes: Readonly<Record<string, Attribute>>): MessageInit<"Schema.Attribute">[] {
  return Object.entries(attributes).map(([name, attribute]) => ({
    name,
    type: attribute.type && Buffer.from(JSON.stringify(typeJson(attribute.type))),
    nested_type: attribute.nested && {
      attributes: wireAttributes(attribute.nested.attributes),
      nesting: nestings[attribute.nested.nesting],
    },
    description: attribute.description,
    description_kind: markdown,
    required: attribute.required,
    optional: attribute.optional,
    computed: attribute.computed,
    sensitive: attribute.sensitive,
    write_only: attribute.writeOnly,
  }));
}
