import { Token } from "cdktf";
import type { GridError } from "../../core/errors";
import { type Cidr, cidrsMeet, parseCidr } from "../../model/wire/ip-address";
import type { KubernetesClusterProps } from "../kubernetes-cluster";
import { badValue } from "../private/problems";

/** k3s's own ranges. */
const DEFAULT_RANGES = { podRange: "10.42.0.0/16", serviceRange: "10.43.0.0/16" };

/** Which addresses machines of a mesh have on its WireGuard interfaces, whatever the mesh's range. */
const TRANSIT = ["the WireGuard addresses of every mesh", "100.64.0.0/10"] as const;

/** Pods, services and the mesh route by address: no two of them may share one. */
export function checkRanges(props: KubernetesClusterProps): GridError[] {
  const { podRange, serviceRange } = { ...DEFAULT_RANGES, ...defined(props) };
  const pods = checkRangeText(podRange, "podRange", { min: 8, max: 22 });
  const services = checkRangeText(serviceRange, "serviceRange", { min: 12, max: 24 });
  if (pods.length + services.length > 0) return [...pods, ...services];
  return [
    ...checkApart(["podRange", podRange], ["the mesh", props.mesh.ipRange]),
    ...checkApart(["serviceRange", serviceRange], ["the mesh", props.mesh.ipRange]),
    ...checkApart(["serviceRange", serviceRange], ["podRange", podRange]),
    ...checkApart(["podRange", podRange], TRANSIT),
    ...checkApart(["serviceRange", serviceRange], TRANSIT),
  ];
}

function defined({ podRange, serviceRange }: KubernetesClusterProps) {
  return { ...(podRange && { podRange }), ...(serviceRange && { serviceRange }) };
}

function checkRangeText(
  text: string,
  name: string,
  prefix: { readonly min: number; readonly max: number },
): GridError[] {
  if (Token.isUnresolved(text)) return [];
  const range = parseCidr(text);
  const isGood = range?.bytes.length === 4 && range.prefix >= prefix.min && range.prefix <= prefix.max;
  const isWhole = range !== undefined && text === networkOf(range);
  if (isGood && isWhole) return [];
  const allowed = `an IPv4 range of length /${prefix.min} to /${prefix.max} without host bits, such as 10.44.0.0/16`;
  return [badValue({ attribute: [name], given: text, allowed })];
}

function networkOf({ bytes, prefix }: Cidr): string {
  const masked = bytes.map((byte, index) => byte & ((0xff00 >> Math.min(8, Math.max(0, prefix - 8 * index))) & 0xff));
  return `${masked.join(".")}/${prefix}`;
}

function checkApart([name, given]: readonly [string, string], [other, range]: readonly [string, string]): GridError[] {
  const [a, b] = [parseCidr(given), parseCidr(range)];
  if (!a || !b || !cidrsMeet(a, b)) return [];
  return [badValue({ attribute: [name], given, allowed: `a range apart from ${other}, ${range}` })];
}
