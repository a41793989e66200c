import { API_PORT } from "../../model/kubernetes/machine-env";
import { joinHostPort } from "../../model/wire/host-port";
import { parseIp } from "../../model/wire/ip-address";
import type { FoundCluster } from "./found-cluster";

/**
 * Where kubectl should look for a cluster's API: where the cluster says, else at an address of a server; on devgrid where
 * that is really served on this machine.
 */
export async function serverUrl(cluster: FoundCluster): Promise<string> {
  const local = cluster.origin.network === "devgrid" ? await devgridUrl(cluster) : undefined;
  if (local !== undefined) return local;
  if (cluster.endpoint !== undefined) return urlOf(cluster.endpoint, 443);
  const [address = ""] = cluster.servers.flatMap(({ addresses }) => addresses.slice(0, 1));
  return urlOf(address, API_PORT);
}

/** The URL of a host, an address of either family, either with a port or not, or of what is a URL already. */
export function urlOf(text: string, port: number): string {
  const host = text.replace(/^https:\/\//, "").replace(/\/+$/, "");
  if (parseIp(host)) return `https://${joinHostPort(host, port)}`;
  return /:\d+$/.test(host) ? `https://${host}` : `https://${host}:${port}`;
}

/** Undefined while the user's devgrid does not run, gives no answer, or runs another cluster. */
async function devgridUrl({ name, servers }: FoundCluster): Promise<string | undefined> {
  const { runningControl } = await import("../../devgrid/launch");
  const control = runningControl();
  if (control === undefined) return undefined;
  const served = await servedIn(control, name);
  const contracts = servers.map(({ contractId }) => contractId);
  return served.find(({ contractId = 0, url }) => url !== undefined && contracts.includes(contractId))?.url;
}

/** A devgrid of this machine answers at once, even where much else runs. */
const DEADLINE_MS = 5000;

async function servedIn(control: string, cluster: string): Promise<readonly { contractId?: number; url?: string }[]> {
  const body = JSON.stringify({ method: "dev.k3s", params: [cluster] });
  try {
    const answer = await fetch(control, { method: "POST", body, signal: AbortSignal.timeout(DEADLINE_MS) });
    const { result } = (await answer.json()) as { result?: { servers?: { contractId?: number; url?: string }[] } };
    return result?.servers ?? [];
  } catch {
    // It ends just now, or hangs: the kubeconfig is good all the same, as its addresses are in the state.
    return [];
  }
}
