import type { ProviderDefinition } from "../resource";
import type { Attribute, BlockSchema } from "./schema";
import { type TypeJson, typeJson } from "./type-json";

/** One attribute in the output of `terraform providers schema -json`. */
export interface AttributeJson {
  readonly type?: TypeJson;
  readonly nested_type?: {
    readonly attributes: Readonly<Record<string, AttributeJson>>;
    readonly nesting_mode: string;
  };
  readonly description: string;
  readonly description_kind: "markdown";
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly sensitive?: true;
  readonly write_only?: true;
}

/** A resource, data source or provider block in that output. */
export interface SchemaJson {
  readonly version: number;
  readonly block: {
    readonly attributes: Readonly<Record<string, AttributeJson>>;
    readonly description: string;
    readonly description_kind: "markdown";
  };
}

/** What `terraform providers schema -json` prints for one provider. */
export interface ProviderSchemaJson {
  readonly format_version: string;
  readonly provider_schemas: Readonly<
    Record<
      string,
      {
        readonly provider: SchemaJson;
        readonly resource_schemas: Readonly<Record<string, SchemaJson>>;
        readonly data_source_schemas: Readonly<Record<string, SchemaJson>>;
      }
    >
  >;
}

/**
 * The schemas of a provider as `terraform providers schema -json` shows them, without running Terraform: what the
 * generator of the L1 bindings takes.
 *
 * @param source full address: `registry.terraform.io/cdktf-threefold/threefold`
 */
export function providerSchemaJson(source: string, definition: ProviderDefinition): ProviderSchemaJson {
  const byType = (items: readonly { readonly typeName: string; readonly schema: BlockSchema }[]) =>
    Object.fromEntries(items.map((item) => [item.typeName, schemaJson(item.schema)]));
  return {
    format_version: "1.0",
    provider_schemas: {
      [source]: {
        provider: schemaJson(definition.schema),
        resource_schemas: byType(definition.resources),
        data_source_schemas: byType(definition.dataSources),
      },
    },
  };
}

/** One schema in that shape. */
export function schemaJson(schema: BlockSchema): SchemaJson {
  return {
    version: schema.version,
    block: {
      attributes: attributesJson(schema.attributes),
      description: schema.description,
      description_kind: "markdown",
    },
  };
}

function attributesJson(attributes: Readonly<Record<string, Attribute>>): Record<string, AttributeJson> {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, attributeJson(attribute)]));
}

function attributeJson(attribute: Attribute): AttributeJson {
  return {
    ...(attribute.type && { type: typeJson(attribute.type) }),
    ...(attribute.nested && {
      nested_type: {
        attributes: attributesJson(attribute.nested.attributes),
        nesting_mode: attribute.nested.nesting,
      },
    }),
    description: attribute.description,
    description_kind: "markdown",
    ...(attribute.required && { required: true }),
    ...(attribute.optional && { optional: true }),
    ...(attribute.computed && { computed: true }),
    ...(attribute.sensitive && { sensitive: true }),
    ...(attribute.writeOnly && { write_only: true }),
  };
}
