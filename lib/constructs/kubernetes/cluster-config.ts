import { MACHINE_LABEL } from "../../model/kubernetes/machine-env";
import type { ClusterMachines, KubernetesClusterProps } from "../kubernetes-cluster";

/** Where k3s keeps everything: the mount point of the data disk. */
export const DATA_DIR = "/mnt/data";

/**
 * The part of k3s's configuration that is known at synth, as YAML: one key a line, each value as JSON. The boot script
 * adds what only the machine knows.
 */
export function configOf(
  machine: string,
  { labels = {}, taints = [], config = {} }: ClusterMachines,
  serverConfig: Readonly<Record<string, unknown>> = {},
): string {
  const marks = Object.entries({ ...labels, [MACHINE_LABEL]: machine }).map(([name, value]) => `${name}=${value}`);
  const whole: Record<string, unknown> = {
    ...serverConfig,
    ...config,
    "node-label": marks.sort(),
    "node-taint": taints.length > 0 ? taints : undefined,
  };
  const lines = Object.entries(whole).filter(([, value]) => value !== undefined);
  return lines.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join("\n");
}

/** Configuration that has to be the same on every server. */
export function serverConfigOf(props: KubernetesClusterProps): Readonly<Record<string, unknown>> {
  const { disable = [], podRange, serviceRange } = props;
  return {
    "cluster-cidr": podRange,
    "service-cidr": serviceRange,
    disable: disable.length > 0 ? disable : undefined,
  };
}

/** Text for Terraform, which otherwise takes `${` and `%{` for the beginning of an expression; tokens stay tokens. */
export function literal(text: string): string {
  return text.replace(/([$%])\{(?!TfToken\[)/g, "$1$1{");
}
