import type { BlockSchema } from "../../schema/schema";
import { wireSchema } from "../wire/wire-schema";
import type { Rpc, Service } from "./call";

/** The schema Terraform read in its first process is used for the others; destroys are planned too. */
const capabilities = { plan_destroy: true, get_provider_schema_optional: true } as const;

/** Names of what the provider offers. */
export function getMetadata({ definition }: Service): Rpc<"GetMetadata"> {
  const names = (items: readonly { readonly typeName: string }[]) =>
    items.map((item) => ({ type_name: item.typeName }));
  return async () => ({
    server_capabilities: capabilities,
    resources: names(definition.resources),
    data_sources: names(definition.dataSources),
  });
}

/** Every schema. */
export function getProviderSchema({ definition }: Service): Rpc<"GetProviderSchema"> {
  const byType = (items: readonly { readonly typeName: string; readonly schema: BlockSchema }[]) =>
    Object.fromEntries(items.map((item) => [item.typeName, wireSchema(item.schema)]));
  return async () => ({
    provider: wireSchema(definition.schema),
    resource_schemas: byType(definition.resources),
    data_source_schemas: byType(definition.dataSources),
    server_capabilities: capabilities,
  });
}
