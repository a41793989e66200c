import type { EngineContext } from "../context";

/** A workload of which only the frame is certain: other clients' deployments may hold anything. */
export interface LooseWorkload {
  readonly name: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A deployment of the account on a node. */
export interface LooseDeployment {
  readonly contractId: number;
  readonly workloads: readonly LooseWorkload[];
}

/** Everything the account runs on a node, whoever of its clients made it. */
export async function listOwnDeployments(
  context: EngineContext,
  nodeTwinId: number,
): Promise<readonly LooseDeployment[]> {
  const nodes = await context.nodes();
  const answer = await nodes.call(nodeTwinId, "zos.deployment.list", undefined, { signal: context.signal });
  return listOf(answer).flatMap((each) =>
    isRecord(each) && typeof each.contract_id === "number"
      ? [{ contractId: each.contract_id, workloads: listOf(each.workloads).flatMap(readWorkload) }]
      : [],
  );
}

/** Addresses of a machine, by network; none for other workloads. */
export function linksOf({ type, data }: LooseWorkload): readonly { readonly network: string; readonly ip: string }[] {
  if (type !== "zmachine" && type !== "zmachine-light") return [];
  const links = isRecord(data.network) ? listOf(data.network.interfaces) : [];
  return links.flatMap((link) =>
    isRecord(link) && typeof link.network === "string" && typeof link.ip === "string"
      ? [{ network: link.network, ip: link.ip }]
      : [],
  );
}

function readWorkload(value: unknown): LooseWorkload[] {
  if (!isRecord(value)) return [];
  const { name, type, data } = value;
  return [{ name: String(name), type: String(type), data: isRecord(data) ? data : {} }];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
