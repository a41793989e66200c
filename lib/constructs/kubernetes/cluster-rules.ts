import { Token } from "cdktf";
import type { AttributePath, GridError } from "../../core/errors";
import { parseIp } from "../../model/wire/ip-address";
import type { ClusterMachines, KubernetesClusterProps, WorkerPool } from "../kubernetes-cluster";
import { checkPlainCount } from "../private/plain-count";
import { badValue, checkIdentity, checkName, checkRange, type Rule } from "../private/problems";
import { checkRanges } from "./cluster-ranges";
import { endpointHost } from "./endpoint-host";
import { checkMarks } from "./node-marks";
import { checkRegistries } from "./registry-rules";

/** Names that Kubernetes makes host names of. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/**
 * Keys of k3s's configuration that the cluster or its boot script sets, with what to use instead. Another value of one
 * would keep machines from joining, or be overwritten.
 */
const RESERVED: Readonly<Record<string, string>> = {
  "tls-san": "use tlsSans.",
  disable: "use disable.",
  "cluster-cidr": "use podRange.",
  "service-cidr": "use serviceRange.",
  "node-label": "use labels.",
  "node-taint": "use taints.",
  "private-registry": "use registries.",
  ...Object.fromEntries(
    [
      ...["server", "cluster-init", "cluster-reset", "token", "token-file", "agent-token", "agent-token-file"],
      ...["data-dir", "flannel-iface", "node-name", "node-ip", "config", "datastore-endpoint"],
    ].map((key) => [key, "leave it out: the cluster sets it."]),
  ),
};

/** Options that hold a secret themselves, with what to use instead. @source k3s, `k3s server --help` */
const SECRET_OPTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["etcd-s3-access-key", "etcd-s3-secret-key", "etcd-s3-session-token"].map((key) => [
      key,
      "put it into a Secret of Kubernetes in kube-system, and name that in etcd-s3-config-secret.",
    ]),
  ),
  "vpn-auth": "put it into a file of the machine, and name that in vpn-auth-file.",
};

/** What a cluster's properties must fulfil. */
export const clusterRules: readonly Rule<KubernetesClusterProps>[] = [
  checkName,
  checkIdentity,
  checkServerCount,
  ({ servers = {} }) => checkMachines(servers, ["servers"], LEAST_OF_SERVERS),
  checkPools,
  checkRanges,
  ({ tlsSans = [] }) => tlsSans.flatMap((name, index) => checkHost(name, ["tlsSans", index])),
  ({ apiEndpoint, apiGateway }) => {
    if (apiEndpoint === undefined || apiGateway === undefined) return [];
    const remedy = "keep apiGateway, or make the gateway yourself and give its name as apiEndpoint.";
    return [badValue({ attribute: ["apiEndpoint"], given: apiEndpoint, allowed: "one of the two", remedy })];
  },
  ({ apiEndpoint }) => checkHost(apiEndpoint && endpointHost(apiEndpoint), ["apiEndpoint"]),
  ({ manifests = {} }) => Object.keys(manifests).flatMap(checkManifestName),
  checkRegistries,
  ({ generation }) => checkRange(generation, ["generation"], { min: 1, max: 1_000_000 }),
  checkReplacements,
];

/** @source k3s requirements; facts of the image */
const LEAST_OF_SERVERS = { memoryMib: 2048, diskGib: 10 };
const LEAST_OF_WORKERS = { memoryMib: 1024, diskGib: 10 };

/** Names of the machines of a pool: they stay when the pool grows or shrinks. */
export function numbered(pool: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${pool}-${index + 1}`);
}

function checkServerCount({ servers }: KubernetesClusterProps): readonly GridError[] {
  const count = servers?.count ?? 1;
  const attribute = ["servers", "count"];
  if ([1, 3, 5].includes(count)) return [];
  if (Token.isUnresolved(count)) return checkPlainCount(count, attribute, { min: 1, max: 5 });
  const remedy = "take 1, or 3 or 5 that go on when 1 or 2 of them fail: an even number fails as early as one less.";
  return [badValue({ attribute, given: count, allowed: "1, 3 or 5", remedy })];
}

function checkPools({ workers = [] }: KubernetesClusterProps): GridError[] {
  return workers.flatMap((pool, index) => [
    ...checkPoolName(pool, index, workers),
    ...checkPlainCount(pool.count, ["workers", index, "count"], { min: 0, max: 200 }),
    ...checkMachines(pool, ["workers", index], LEAST_OF_WORKERS),
  ]);
}

function checkPoolName({ name }: WorkerPool, index: number, all: readonly WorkerPool[]): GridError[] {
  const attribute = ["workers", index, "name"];
  if (!DNS_LABEL.test(name) || name.length > 40 || name === "server") {
    const allowed = 'lower-case letters, digits and -, up to 40, not "server"';
    // A name that Terraform will know later shows as a token, which tells nobody anything.
    const given = Token.isUnresolved(name) ? undefined : name;
    return [badValue({ attribute, given, allowed, remedy: "nodes are named after it: choose such a name." })];
  }
  if (all.findIndex((pool) => pool.name === name) === index) return [];
  return [badValue({ attribute, given: name, allowed: "a name that no other pool of the cluster has" })];
}

function checkMachines(
  machines: ClusterMachines,
  path: AttributePath,
  least: { readonly memoryMib: number; readonly diskGib: number },
): GridError[] {
  const { cpu, memory, disk, config = {} } = machines;
  return [
    ...checkRange(cpu, [...path, "cpu"], { min: 1, max: 32 }),
    ...checkRange(memory?.toMib(), [...path, "memory"], { min: least.memoryMib, max: 262_144, unit: "MiB" }),
    ...checkRange(disk?.toGib(), [...path, "disk"], { min: least.diskGib, max: 10_240, unit: "GiB" }),
    ...checkMarks(machines, path),
    ...Object.keys(config).flatMap((key) => checkConfigKey(key, [...path, "config", key])),
  ];
}

function checkConfigKey(key: string, attribute: AttributePath): GridError[] {
  const plain = key.replace(/\+$/, "");
  const safer = Object.hasOwn(SECRET_OPTIONS, plain) ? SECRET_OPTIONS[plain] : undefined;
  if (safer) return [badValue({ attribute, what: "would be kept in the state", allowed: "no secrets", remedy: safer })];
  const remedy = Object.hasOwn(RESERVED, plain) ? RESERVED[plain] : undefined;
  if (remedy === undefined && /^[a-z0-9][a-z0-9-]*\+?$/.test(key)) return [];
  const allowed = "long names of k3s options that the cluster does not set itself";
  return [badValue({ attribute, given: key, allowed, remedy: remedy ?? "write it as k3s documents it, without --." })];
}

function checkHost(host: string | undefined, attribute: AttributePath): GridError[] {
  if (host === undefined || Token.isUnresolved(host) || HOST_NAME.test(host) || parseIp(host)) return [];
  return [badValue({ attribute, given: host, allowed: "a host name or an address, without https://" })];
}

function checkManifestName(name: string): GridError[] {
  if (DNS_LABEL.test(name) && name.length <= 60) return [];
  const allowed = "lower-case letters, digits and -, up to 60, without .yaml";
  return [badValue({ attribute: ["manifests", name], given: name, allowed, remedy: "rename it." })];
}

function checkReplacements(props: KubernetesClusterProps): GridError[] {
  const { servers, workers = [], replacements = {} } = props;
  const pools = [{ name: "server", count: servers?.count ?? 1 }, ...workers];
  // A count that is refused itself names nobody.
  const names = pools.flatMap(({ name, count }) => (count > 0 && count <= 200 ? numbered(name, count) : []));
  return Object.entries(replacements).flatMap(([name, times]) => {
    const attribute = ["replacements", name];
    if (!names.includes(name)) {
      const allowed = names.slice(0, 20).join(", ");
      return [badValue({ attribute, given: name, allowed, remedy: "give the name of a machine of the cluster." })];
    }
    return checkRange(times, attribute, { min: 0, max: 1_000_000 });
  });
}
