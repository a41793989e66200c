import type { GridError } from "../../../core/errors";
import { findNullElements } from "../../schema/null-elements";
import type { BlockSchema } from "../../schema/schema";
import type { ObjectValue } from "../../schema/value";
import { readDynamicValue } from "../values/dynamic-value";
import type { Message } from "../wire/messages";
import { answer, type Rpc, type Service, type Subject } from "./call";

/** What is checked: a schema and, beyond it, the rules its owner has. */
interface Checked {
  readonly schema: BlockSchema;
  validate?(config: ObjectValue): readonly GridError[];
}

/** Checks the provider block. */
export function validateProviderConfig(service: Service): Rpc<"ValidateProviderConfig"> {
  return ({ config }) =>
    check(service, config, { doing: "checking the provider block", find: () => service.definition });
}

/** Checks a resource block. */
export function validateResourceConfig(service: Service): Rpc<"ValidateResourceConfig"> {
  return ({ type_name: type, config }) =>
    check(service, config, { doing: `checking ${type}`, find: () => service.catalog.resource(type) });
}

/** Checks a data block. */
export function validateDataResourceConfig(service: Service): Rpc<"ValidateDataResourceConfig"> {
  return ({ type_name: type, config }) =>
    check(service, config, { doing: `checking ${type}`, find: () => service.catalog.dataSource(type) });
}

/** Makes the session of a walk. Values may be unknown at plan time. */
export function configureProvider(service: Service): Rpc<"ConfigureProvider"> {
  return (request) =>
    answer(service, { doing: "configuring the provider", find: () => service.definition }, async ({ owner, shape }) => {
      const config = readDynamicValue(shape, request.config) ?? {};
      await service.walk.begin(owner.configure(config));
      return {};
    });
}

function check(service: Service, config: Message<"DynamicValue"> | undefined, subject: Subject<Checked>) {
  return answer(service, subject, async ({ owner, shape, report }) => {
    const value = readDynamicValue(shape, config);
    if (!value) return {};
    const nulls = findNullElements(owner.schema.attributes, value);
    // What else is wrong may only be a consequence of them.
    report.errors(nulls.length > 0 ? nulls : (owner.validate?.(value) ?? []));
    return {};
  });
}
