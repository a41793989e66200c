/**
 * Messages of the Terraform plugin protocol 6 and of the plugin framework beside it: one table that drives the codec
 * and from which the TypeScript types are read off, so that the two cannot differ.
 *
 * A field is `<number> <type>`, the type followed by `*` when repeated and by `?` when presence is explicit (also for
 * members of a oneof); `map <type>` is a map from string. Fields that are not listed are skipped on read.
 *
 * @source hashicorp/terraform docs/plugin-protocol/tfplugin6 (facts of field numbers and types), hashicorp/go-plugin internal/plugin
 */
export const messages = {
  Empty: {},
  StdioData: { channel: "1 int", data: "2 bytes" },
  ConnInfo: { service_id: "1 int", network: "2 string", address: "3 string" },
  "Health.Request": { service: "1 string" },
  "Health.Response": { status: "1 int" },

  DynamicValue: { msgpack: "1 bytes", json: "2 bytes" },
  Diagnostic: { severity: "1 int", summary: "2 string", detail: "3 string", attribute: "4 AttributePath" },
  AttributePath: { steps: "1 AttributePath.Step*" },
  "AttributePath.Step": { attribute_name: "1 string?", element_key_string: "2 string?", element_key_int: "3 int?" },
  RawState: { json: "1 bytes", flatmap: "2 map string" },
  Schema: { version: "1 int", block: "2 Schema.Block" },
  "Schema.Block": { attributes: "2 Schema.Attribute*", description: "4 string", description_kind: "5 int" },
  "Schema.Attribute": {
    name: "1 string",
    type: "2 bytes",
    description: "3 string",
    required: "4 bool",
    optional: "5 bool",
    computed: "6 bool",
    sensitive: "7 bool",
    description_kind: "8 int",
    nested_type: "10 Schema.Object",
    write_only: "11 bool",
  },
  "Schema.Object": { attributes: "1 Schema.Attribute*", nesting: "3 int" },
  ServerCapabilities: {
    plan_destroy: "1 bool",
    get_provider_schema_optional: "2 bool",
    move_resource_state: "3 bool",
  },
  ClientCapabilities: { deferral_allowed: "1 bool", write_only_attributes_allowed: "2 bool" },
  TypeName: { type_name: "1 string" },

  "GetMetadata.Request": {},
  "GetMetadata.Response": {
    server_capabilities: "1 ServerCapabilities",
    diagnostics: "2 Diagnostic*",
    data_sources: "3 TypeName*",
    resources: "4 TypeName*",
  },
  "GetProviderSchema.Request": {},
  "GetProviderSchema.Response": {
    provider: "1 Schema",
    resource_schemas: "2 map Schema",
    data_source_schemas: "3 map Schema",
    diagnostics: "4 Diagnostic*",
    server_capabilities: "6 ServerCapabilities",
  },
  "ValidateProviderConfig.Request": { config: "1 DynamicValue" },
  "ValidateProviderConfig.Response": { diagnostics: "2 Diagnostic*" },
  "ValidateResourceConfig.Request": { type_name: "1 string", config: "2 DynamicValue" },
  "ValidateResourceConfig.Response": { diagnostics: "1 Diagnostic*" },
  "ValidateDataResourceConfig.Request": { type_name: "1 string", config: "2 DynamicValue" },
  "ValidateDataResourceConfig.Response": { diagnostics: "1 Diagnostic*" },
  "UpgradeResourceState.Request": { type_name: "1 string", version: "2 int", raw_state: "3 RawState" },
  "UpgradeResourceState.Response": { upgraded_state: "1 DynamicValue", diagnostics: "2 Diagnostic*" },
  "ConfigureProvider.Request": { terraform_version: "1 string", config: "2 DynamicValue" },
  "ConfigureProvider.Response": { diagnostics: "1 Diagnostic*" },
  "ReadResource.Request": { type_name: "1 string", current_state: "2 DynamicValue", private: "3 bytes" },
  "ReadResource.Response": { new_state: "1 DynamicValue", diagnostics: "2 Diagnostic*", private: "3 bytes" },
  "PlanResourceChange.Request": {
    type_name: "1 string",
    prior_state: "2 DynamicValue",
    proposed_new_state: "3 DynamicValue",
    config: "4 DynamicValue",
    prior_private: "5 bytes",
    client_capabilities: "7 ClientCapabilities",
  },
  "PlanResourceChange.Response": {
    planned_state: "1 DynamicValue",
    requires_replace: "2 AttributePath*",
    planned_private: "3 bytes",
    diagnostics: "4 Diagnostic*",
  },
  "ApplyResourceChange.Request": {
    type_name: "1 string",
    prior_state: "2 DynamicValue",
    planned_state: "3 DynamicValue",
    config: "4 DynamicValue",
    planned_private: "5 bytes",
  },
  "ApplyResourceChange.Response": { new_state: "1 DynamicValue", private: "2 bytes", diagnostics: "3 Diagnostic*" },
  "ImportResourceState.Request": { type_name: "1 string", id: "2 string" },
  "ImportResourceState.Response": { imported_resources: "1 ImportedResource*", diagnostics: "2 Diagnostic*" },
  ImportedResource: { type_name: "1 string", state: "2 DynamicValue", private: "3 bytes" },
  "MoveResourceState.Request": { source_type_name: "2 string", target_type_name: "5 string" },
  "MoveResourceState.Response": { target_state: "1 DynamicValue", diagnostics: "2 Diagnostic*" },
  "ReadDataSource.Request": { type_name: "1 string", config: "2 DynamicValue" },
  "ReadDataSource.Response": { state: "1 DynamicValue", diagnostics: "2 Diagnostic*" },
  "StopProvider.Request": {},
  "StopProvider.Response": { Error: "1 string" },
  "GetFunctions.Request": {},
  "GetFunctions.Response": { diagnostics: "2 Diagnostic*" },
} as const;

/** A message's name in the table. */
export type MessageName = keyof typeof messages;

type Table = typeof messages;
type Scalars = { string: string; bytes: Uint8Array; bool: boolean; int: number };
type One<T> = T extends keyof Scalars ? Scalars[T] : T extends MessageName ? Message<T> : never;
type FieldOf<F> = F extends `${number} map ${infer T}`
  ? Readonly<Record<string, One<T>>>
  : F extends `${number} ${infer T}*`
    ? readonly One<T>[]
    : F extends `${number} ${infer T}?`
      ? One<T> | undefined
      : F extends `${number} ${infer T}`
        ? T extends keyof Scalars
          ? Scalars[T]
          : One<T> | undefined
        : never;

/** A message as read: scalars that were not sent hold their zero value, messages are undefined, collections empty. */
export type Message<N extends MessageName> = { readonly [F in keyof Table[N]]: FieldOf<Table[N][F]> };

type InitOf<F> = F extends `${number} map ${infer T}`
  ? Readonly<Record<string, OneInit<T>>>
  : F extends `${number} ${infer T}*`
    ? readonly OneInit<T>[]
    : F extends `${number} ${infer T}?`
      ? OneInit<T>
      : F extends `${number} ${infer T}`
        ? OneInit<T>
        : never;
type OneInit<T> = T extends keyof Scalars ? Scalars[T] : T extends MessageName ? MessageInit<T> : never;

/** A message to write: everything may be left out. */
export type MessageInit<N extends MessageName> = { readonly [F in keyof Table[N]]?: InitOf<Table[N][F]> };
