/** What both kinds of gateway do alike. */
import { type GridError, hasCode } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import type { DeploymentTarget } from "../../../engine/deployment-target";
import { type GatewayFacts, getGatewayFacts } from "../../../engine/node/gateway-facts";
import { toWorkloadName } from "../../../model/identity";
import type { GatewayBase } from "../../../model/workloads/parts/gateway";
import type { DeploymentKind } from "../../deployment/deployment-kind";
import type { Attributes } from "../../schema/attributes";
import { badValue } from "../../schema/finding";
import { type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../../schema/value";
import { checkNotOwn } from "./rules";

/** The parts of a kind in which the two do not differ. */
export const gatewayKind = {
  isMovable: true,
  changedOutputs: () => [],
  readOutputs: () => ({}),
  // A gateway holds no data, so that no change ever loses any.
  attributeOf: () => "backends",
} satisfies Partial<DeploymentKind>;

/** Attributes that make the content of both. */
export const GATEWAY_INPUTS = ["backends", "tls_passthrough", "network"] as const;

/** A fact of the node: what the configuration says, else what was found out about the same node. */
export function nodeFact(
  name: string,
  config: ObjectValue,
  { proposed, prior }: { readonly proposed: ObjectValue; readonly prior: ObjectValue | null },
): Value {
  const given = config[name] ?? null;
  if (given !== null) return given;
  const isSameNode = prior !== null && valuesEqual(prior.node_id ?? null, proposed.node_id ?? null);
  return (isSameNode ? prior[name] : null) ?? UNKNOWN;
}

/**
 * Asks the node about itself and refuses what it would refuse. A node that is silent is no obstacle to a change whose facts
 * are known: what follows meets the same silence, and says what stands.
 *
 * @throws {GridError} TFG_NO_GATEWAY, TFG_BAD_VALUE; TFG_NODE_UNREACHABLE when facts are wanted that only the node has
 */
export async function askGateway(
  values: ObjectValue,
  engine: EngineContext,
  wanted: readonly string[],
): Promise<GatewayFacts | undefined> {
  const intent = { nodeId: Number(values.node_id), title: `gateway ${String(values.name)}` };
  try {
    const facts = await getGatewayFacts(engine, intent);
    const [finding] = [
      ...checkFact("domain", values, [facts.domain]),
      ...checkNotOwn(values.backends, facts.addresses),
    ];
    if (finding) throw finding;
    return facts;
  } catch (error) {
    const isKnown = wanted.every((name) => (values[name] ?? null) !== null);
    if (hasCode(error, "TFG_NODE_UNREACHABLE") && isKnown) return undefined;
    throw error;
  }
}

/** A fact that was given and is not the node's. */
export function checkFact(name: string, values: ObjectValue, actual: readonly string[]): GridError[] {
  const given = values[name] ?? null;
  if (typeof given !== "string" || given === "" || actual.includes(given)) return [];
  const allowed = actual.filter((fact) => fact !== "").join(" or ") || "nothing: the node has none";
  return [
    badValue({ attribute: [name], given, allowed, remedy: `leave ${name} out, or plan again with fresh facts.` }),
  ];
}

/** The data that both workloads have. */
export function gatewayData(attributes: Attributes): GatewayBase {
  const network = attributes.text("network");
  return {
    tls_passthrough: attributes.flag("tls_passthrough"),
    backends: attributes.texts("backends"),
    ...(network === undefined ? {} : { network }),
  };
}

/** The texts around the workload, which both kinds have alike. */
export function gatewayTexts(
  attributes: Attributes,
  salt: (identity: string) => string,
): Pick<DeploymentTarget, "title" | "label" | "publicIps" | "metadata" | "description"> & {
  readonly workload: string;
} {
  const name = attributes.requireText("name");
  const workload = toWorkloadName(attributes.requireText("identity"));
  const label = (shown: string) => ({ type: "gateway", name: shown, projectName: `gateway/${shown}` });
  return {
    title: `gateway ${name}`,
    label: label(name),
    publicIps: 0,
    metadata: JSON.stringify({ version: 3, ...label(workload) }),
    description: salt(attributes.requireText("identity")),
    workload,
  };
}

/** Configuration of an imported gateway as far as its workload tells. */
export function importedData({ tls_passthrough: passthrough, backends, network }: GatewayBase): ObjectValue {
  return { tls_passthrough: passthrough, backends: [...backends], network: network ?? null };
}
