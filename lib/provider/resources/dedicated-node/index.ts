import { endRent } from "../../../engine/rent/end-rent";
import { rentNode, requireRentable } from "../../../engine/rent/rent-node";
import { checkNodeId, validateIdentity } from "../../deployment/identity-rules";
import { isOnThisGrid, originOf, readOrigin } from "../../deployment/same-grid";
import type { ApplyInput, CallContext, PrivateData, Resource, StateInput, StateOutput } from "../../resource";
import type { ObjectValue } from "../../schema/value";
import type { Account } from "../../session";
import { importRent } from "./import";
import { planRent } from "./plan";
import { readRent } from "./read";
import { readSuccessor, recordOf, targetOf, titleOf } from "./rent-values";
import { dedicatedNodeSchema } from "./schema";

/** `threefold_dedicated_node`. */
export const dedicatedNode: Resource = {
  typeName: "threefold_dedicated_node",
  schema: dedicatedNodeSchema,
  validate: (config) => [...validateIdentity(config), ...checkNodeId(config.node_id, ["node_id"])],
  plan: planRent,
  apply: applyRent,
  read: readRent,
  destroy: destroyRent,
  import: { id: "number of its rent contract", find: importRent },
};

async function applyRent({ prior, planned, plannedPrivate }: ApplyInput, context: CallContext): Promise<StateOutput> {
  const account = await context.session.account(context.signal);
  if (prior !== null) checkGrid(plannedPrivate, { account, title: titleOf(prior), context });
  const engine = await context.session.engine(context);
  const rent = await rentNode(engine, targetOf(planned), prior === null ? undefined : recordOf(prior));
  const found: ObjectValue = {
    contract_id: String(rent.contractId),
    stamp: rent.token,
    status: rent.isNoted ? "ok" : "pending",
  };
  return { state: { ...planned, ...found }, private: originOf(account) };
}

async function destroyRent({ state, private: kept }: StateInput, context: CallContext): Promise<void> {
  const record = recordOf(state);
  if (!record) return;
  const account = await context.session.account(context.signal);
  if (!checkGrid(kept, { account, title: titleOf(state), context })) return;
  const engine = await context.session.engine(context);
  const owned = { ...targetOf(state), record };
  const successor = readSuccessor(kept);
  if (successor !== undefined && successor !== owned.nodeId) await requireRentable(engine, owned, successor);
  await endRent(engine, owned);
}

function checkGrid(
  kept: PrivateData,
  { account, ...object }: { readonly account: Account; readonly title: string; readonly context: CallContext },
): boolean {
  const origin = readOrigin(kept);
  return origin === undefined || isOnThisGrid(origin, account, object);
}
