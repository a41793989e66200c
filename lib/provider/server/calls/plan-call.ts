import type { PlanInput, Resource } from "../../resource";
import { conform, withoutWriteOnly } from "../values/conform";
import { readDynamicValue, writeDynamicValue } from "../values/dynamic-value";
import type { ObjectShape } from "../values/shape";
import { wirePath } from "../values/wire-path";
import type { Message, MessageInit } from "../wire/messages";
import { answer, type Call, type Rpc, type Service } from "./call";
import { readPrivate, writePrivate } from "./private-data";

type Request = Message<"PlanResourceChange.Request">;

/** Plans a change. A destroy is planned as null, its private data carried on to where it is done. */
export function planResourceChange(service: Service): Rpc<"PlanResourceChange"> {
  return (request) =>
    answer(
      service,
      { doing: `planning ${request.type_name}`, find: () => service.catalog.resource(request.type_name) },
      async (call) => {
        const input = planInput(call.shape, request);
        if (input) return planChange(service, call, { input, private: request.prior_private });
        return { planned_state: writeDynamicValue(null), planned_private: request.prior_private };
      },
    );
}

function planInput(shape: ObjectShape, request: Request): PlanInput | undefined {
  const proposed = readDynamicValue(shape, request.proposed_new_state);
  if (!proposed) return undefined;
  return {
    prior: readDynamicValue(shape, request.prior_state),
    // Terraform leaves write-only values in the proposal although the plan must not hold them.
    proposed: withoutWriteOnly(shape, proposed),
    config: readDynamicValue(shape, request.config) ?? {},
    priorPrivate: readPrivate(request.prior_private),
  };
}

async function planChange(
  service: Service,
  { owner, shape, report }: Call<Resource>,
  prior: { readonly input: PlanInput; readonly private: Uint8Array },
): Promise<MessageInit<"PlanResourceChange.Response">> {
  const output = await owner.plan(prior.input, service.walk.context(report));
  const planned = conform(shape, output.planned, {
    unknown: "keep",
    report: (path, problem) => report.defect(path, problem),
  });
  return {
    planned_state: writeDynamicValue(planned),
    requires_replace: output.replace?.map((path) => wirePath(shape, path)),
    planned_private: output.private ? writePrivate(output.private) : prior.private,
  };
}
