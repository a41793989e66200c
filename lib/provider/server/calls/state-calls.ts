import { GridError } from "../../../core/errors";
import type { Resource } from "../../resource";
import { readDynamicValue, writeDynamicValue } from "../values/dynamic-value";
import { upgradeState } from "../values/upgrade-state";
import { answer, type Rpc, type Service } from "./call";
import { readPrivate, writePrivate } from "./private-data";
import { stateAnswer } from "./state-answer";

/** Compares an object with the world. A failure is an error and never "gone": gone would plan a new one. */
export function readResource(service: Service): Rpc<"ReadResource"> {
  return (request) =>
    answer(service, subject(service, "reading", request.type_name), async (call) => {
      const state = readDynamicValue(call.shape, request.current_state);
      if (!state) return { new_state: writeDynamicValue(null), private: request.private };
      const input = { state, private: readPrivate(request.private) };
      const output = await call.owner.read(input, service.walk.context(call.report));
      return stateAnswer(call, output, request.private).wire;
    });
}

/** Brings a stored state to the present schema. Terraform asks at every read of a state, also of a present one. */
export function upgradeResourceState(service: Service): Rpc<"UpgradeResourceState"> {
  return (request) =>
    answer(service, subject(service, "upgrading the state of", request.type_name), async ({ owner, shape }) => {
      const json = request.raw_state?.json ?? new Uint8Array();
      const state = upgradeState(owner, shape, { json, version: request.version });
      return { upgraded_state: writeDynamicValue(state) };
    });
}

/** Takes an existing object into the state by its id. */
export function importResourceState(service: Service): Rpc<"ImportResourceState"> {
  return (request) =>
    answer(service, subject(service, "importing", request.type_name), async (call) => {
      if (!call.owner.import) throw notImportable(request.type_name);
      const found = await call.owner.import.find(request.id, service.walk.context(call.report));
      const { wire } = stateAnswer(call, found, writePrivate(found.private));
      return {
        imported_resources: [{ type_name: request.type_name, state: wire.new_state, private: wire.private }],
      };
    });
}

/** Refuses to take over objects of other types. */
export function moveResourceState(service: Service): Rpc<"MoveResourceState"> {
  return (request) =>
    answer(service, subject(service, "moving to", request.target_type_name), async () => {
      throw notMovable(request.source_type_name, request.target_type_name);
    });
}

function subject(service: Service, verb: string, typeName: string): { doing: string; find: () => Resource } {
  return { doing: `${verb} ${typeName}`, find: () => service.catalog.resource(typeName) };
}

function notImportable(typeName: string): GridError {
  return new GridError({
    code: "TFG_NOT_IMPORTABLE",
    summary: `${typeName} cannot be imported.`,
    remedy: "declare it without an import block; it is made when it is applied.",
  });
}

function notMovable(from: string, to: string): GridError {
  return new GridError({
    code: "TFG_NOT_MOVABLE",
    summary: `A ${from} cannot become a ${to}.`,
    remedy: "remove the moved block; import the object under its new type instead.",
  });
}
