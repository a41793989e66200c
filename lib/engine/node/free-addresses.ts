import { GridError } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import type { EngineContext } from "../context";
import type { DeploymentTarget, WantedWorkload } from "../deployment-target";
import { listPrivateIps } from "./private-ips";

/** A deployment about to be sent, and what the node has of it. */
export interface Placement {
  readonly target: DeploymentTarget;
  readonly nodeTwinId: number;
  /** Undefined for a creation. */
  readonly standing: Deployment | undefined;
}

/**
 * Asks the node whether another machine of the account already has an address that is about to be given out in a mesh:
 * nodes start both, and neither is reached reliably then.
 *
 * @throws {GridError} TFG_ADDRESS_TAKEN
 */
export async function requireFreeAddresses(context: EngineContext, placement: Placement): Promise<void> {
  const { target, nodeTwinId, standing } = placement;
  const own = new Set(
    target.workloads.filter(({ type }) => type === "network" || type === "network-light").map(({ name }) => name),
  );
  const had = new Set((standing?.workloads ?? []).flatMap(linksOf).map(({ network, ip }) => `${network} ${ip}`));
  const wanted = target.workloads
    .flatMap(linksOf)
    .filter(({ network, ip }) => !own.has(network) && !had.has(`${network} ${ip}`));
  for (const { network, ip } of wanted) {
    const taken = await listPrivateIps(context, nodeTwinId, network);
    if (taken.includes(ip)) throw addressTaken(target, network, ip);
  }
}

function linksOf(workload: WantedWorkload): readonly { readonly network: string; readonly ip: string }[] {
  return workload.type === "zmachine" || workload.type === "zmachine-light" ? workload.data.network.interfaces : [];
}

function addressTaken({ title, nodeId }: DeploymentTarget, network: string, ip: string): GridError {
  return new GridError({
    code: "TFG_ADDRESS_TAKEN",
    summary: `Another machine of this account has the address of ${title}.`,
    facts: { given: ip, network, node: nodeId, allowed: "an address that no machine of the network has" },
    standing: "Nothing was started and nothing was changed.",
    remedy: "take the address from threefold_network.<mesh>.addresses, or choose a free one.",
    attribute: ["network", "ip"],
  });
}
