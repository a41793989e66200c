import { GridError } from "../../../core/errors";
import type { DataSource, ProviderDefinition, Resource } from "../../resource";

/** Finds resources and data sources by type name. */
export class Catalog {
  readonly #resources: ReadonlyMap<string, Resource>;
  readonly #dataSources: ReadonlyMap<string, DataSource>;

  constructor(definition: ProviderDefinition) {
    this.#resources = new Map(definition.resources.map((resource) => [resource.typeName, resource]));
    this.#dataSources = new Map(definition.dataSources.map((source) => [source.typeName, source]));
  }

  /** @throws {GridError} TFG_UNKNOWN_TYPE */
  resource(typeName: string): Resource {
    const resource = this.#resources.get(typeName);
    if (!resource) throw unknownType("resource", typeName);
    return resource;
  }

  /** @throws {GridError} TFG_UNKNOWN_TYPE */
  dataSource(typeName: string): DataSource {
    const source = this.#dataSources.get(typeName);
    if (!source) throw unknownType("data source", typeName);
    return source;
  }
}

function unknownType(kind: string, typeName: string): GridError {
  return new GridError({
    code: "TFG_UNKNOWN_TYPE",
    summary: `This version of the provider has no ${kind} "${typeName}".`,
    remedy: "check the spelling, or use the provider version that wrote this configuration or state.",
  });
}
