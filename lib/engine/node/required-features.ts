import { GridError } from "../../core/errors";
import type { EngineContext } from "../context";
import { refusalOf } from "./node-deployments";
import { listFeatures } from "./node-features";

/** What is to run on a node. */
export interface FeatureNeed {
  /** The user's word for it. */
  readonly title: string;
  readonly nodeId: number;
  /** Types of its workloads: nodes call the features after them. */
  readonly types: readonly string[];
}

/**
 * Asks a node for a sign of life, and whether it knows the workloads at all: nodes take any and fail when they start it,
 * after the contract was paid for.
 *
 * @throws {GridError} TFG_NODE_LACKS, TFG_NODE_UNREACHABLE
 */
export async function requireFeatures(context: EngineContext, need: FeatureNeed, nodeTwinId: number): Promise<void> {
  const features = await featuresIfTold(context, nodeTwinId);
  if (!features) return;
  const missing = [...new Set(need.types)].filter((type) => !features.includes(type));
  if (missing.length > 0) throw lacks(need, missing, features);
}

/** Undefined for a node that does not tell: it answered, and will say itself what it lacks. */
async function featuresIfTold(context: EngineContext, nodeTwinId: number): Promise<readonly string[] | undefined> {
  try {
    const features = await listFeatures(context, nodeTwinId);
    return features.length > 0 ? features : undefined;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    context.log("debug", "features not known", { reason: String(error) });
    return undefined;
  }
}

function lacks({ title, nodeId }: FeatureNeed, missing: readonly string[], features: readonly string[]): GridError {
  const isLight = features.includes("zmachine-light");
  const isOfOtherFamily = missing.some((type) => ["zmachine", "zmachine-light"].includes(type));
  const switched = isLight ? "set light = true" : "leave light out";
  return new GridError({
    code: "TFG_NODE_LACKS",
    summary: `Node ${nodeId} cannot run ${title}: it has no ${missing.join(", ")}.`,
    facts: { "it is": isLight ? "a light node" : "a full node", "it has": [...features].sort().join(", ") },
    standing: "Nothing was started and nothing was changed.",
    remedy: isOfOtherFamily ? `${switched}, or place it on another node.` : "place it on a node that has it.",
    attribute: ["node_id"],
  });
}
