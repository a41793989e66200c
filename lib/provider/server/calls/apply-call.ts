import type { Resource } from "../../resource";
import type { ObjectValue } from "../../schema/value";
import { brokenPromises } from "../values/consistency";
import { readDynamicValue, writeDynamicValue } from "../values/dynamic-value";
import type { Message, MessageInit } from "../wire/messages";
import { answer, type Call, type Rpc, type Service } from "./call";
import { readPrivate } from "./private-data";
import { stateAnswer } from "./state-answer";

type Answer = MessageInit<"ApplyResourceChange.Response">;

/** What a change starts from and leads to. */
interface Change {
  readonly prior: ObjectValue | null;
  readonly planned: ObjectValue | null;
  readonly config: ObjectValue;
  readonly private: Uint8Array;
}

/** Carries out a create, an update or a destroy. What fails leaves the prior state in place. */
export function applyResourceChange(service: Service): Rpc<"ApplyResourceChange"> {
  return (request) =>
    answer(
      service,
      { doing: `applying ${request.type_name}`, find: () => service.catalog.resource(request.type_name) },
      async (call) => {
        const change = readChange(call, request);
        const limit = service.walk.applyLimit;
        limit.begin();
        try {
          return await carryOut(service, call, change);
        } catch (error) {
          call.report.thrown(error);
          return { new_state: writeDynamicValue(change.prior), private: change.private };
        } finally {
          const hint = limit.end();
          if (hint) call.report.warn(hint.summary, hint.detail);
        }
      },
    );
}

function readChange({ shape }: Call<Resource>, request: Message<"ApplyResourceChange.Request">): Change {
  return {
    prior: readDynamicValue(shape, request.prior_state),
    planned: readDynamicValue(shape, request.planned_state),
    config: readDynamicValue(shape, request.config) ?? {},
    private: request.planned_private,
  };
}

async function carryOut(service: Service, call: Call<Resource>, change: Change): Promise<Answer> {
  const { owner, report } = call;
  const context = service.walk.context(report);
  const { prior, planned, config } = change;
  const plannedPrivate = readPrivate(change.private);
  if (planned) {
    const output = await owner.apply({ prior, planned, config, plannedPrivate }, context);
    const { value, wire } = stateAnswer(call, output, change.private);
    if (value && !report.hasErrors) {
      for (const path of brokenPromises(call.shape, planned, value))
        report.defect(path, "differs from what was planned");
    }
    return wire;
  }
  if (prior) await owner.destroy({ state: prior, private: plannedPrivate }, context);
  return { new_state: writeDynamicValue(null) };
}
