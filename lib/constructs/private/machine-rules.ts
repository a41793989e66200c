import { Token } from "cdktf";
import type { Refusal } from "../../core/bad-value";
import type { AttributePath, GridError } from "../../core/errors";
import { environmentRefusal, variableNameRefusal, variableRefusal } from "../../model/environment";
import { FLIST_URLS, isFlistUrl } from "../../model/flist-url";
import { gpuIdRefusal } from "../../model/gpu";
import { WORKLOAD_NAME_PATTERN } from "../../model/identity";
import { lightRefusals } from "../../model/light-node";
import { logTargetRefusal } from "../../model/log-target";
import { mountPointRefusal, plainMountPoint } from "../../model/mount-point";
import { sshKeyRefusal } from "../../model/ssh-key";
import type { MachineQuantumStorage, MachineStorage, VirtualMachineProps } from "../virtual-machine";
import { checkBootDisk, checkImageNeeds } from "./image-rules";
import * as kinds from "./kinds";
import { checkConnections } from "./machine-connections";
import { leastRootMib } from "./machine-needs";
import { badValue, checkIdentity, checkName, checkRange, type Rule } from "./problems";

const { optional, flag, listOf, mapOf, number, record, size, text } = kinds;

const storage = optional(listOf(record<MachineStorage>({ size, mountPoint: text, name: optional(text) })));

/** What a machine's properties are made of. */
export const machineKind = record<VirtualMachineProps>({
  cpu: number,
  memory: size,
  image: kinds.image,
  mesh: optional(kinds.mesh),
  placement: optional(kinds.placement),
  disks: storage,
  volumes: storage,
  quantumStorage: optional(
    listOf(record<MachineQuantumStorage>({ storage: kinds.quantumStorage, mountPoint: text, name: optional(text) })),
  ),
  gpus: optional(listOf(text)),
  logs: optional(listOf(text)),
  corex: optional(flag),
  nodeKind: optional(kinds.oneOf("full", "light", "any")),
  rootSize: optional(size),
  env: optional(mapOf(kinds.plainVariable)),
  secretEnv: optional(mapOf(kinds.secret)),
  connections: optional(mapOf(kinds.store)),
  sshKeys: optional(listOf(text)),
  entrypoint: optional(text),
  publicIpv4: optional(flag),
  publicIpv6: optional(flag),
  planetary: optional(flag),
  mycelium: optional(flag),
  generation: optional(text),
  allowDataLoss: optional(flag),
  name: optional(text),
  identity: optional(text),
});

/** What a machine's properties must fulfil. */
export const machineRules: readonly Rule<VirtualMachineProps>[] = [
  checkName,
  checkIdentity,
  ({ cpu }) => checkRange(cpu, ["cpu"], { min: 1, max: 32 }),
  ({ memory }) => checkRange(memory.toMib(), ["memory"], { min: 256, max: 262_144, unit: "MiB" }),
  (props) =>
    checkRange(props.rootSize?.toMib(), ["rootSize"], { min: leastRootMib(props), max: 10_485_760, unit: "MiB" }),
  ({ image }) => (typeof image === "string" ? refused(image, ["image"], flistRefusal) : []),
  checkEntrypoint,
  checkEnvironment,
  checkConnections,
  checkKeys,
  checkMycelium,
  checkBootDisk,
  checkImageNeeds,
  checkStorage,
  checkGeneration,
  checkGpus,
  ({ logs = [] }) => logs.flatMap((target, index) => refused(target, ["logs", index], logTargetRefusal)),
  checkLight,
];

/** Asks of a text that is known now. */
function refused(
  given: string,
  attribute: AttributePath,
  refusalOf: (text: string) => Refusal | undefined,
): readonly GridError[] {
  const refusal = Token.isUnresolved(given) ? undefined : refusalOf(given);
  return refusal ? [badValue({ attribute, ...refusal })] : [];
}

function flistRefusal(url: string): Refusal | undefined {
  return isFlistUrl(url) ? undefined : { given: url, allowed: FLIST_URLS };
}

function checkEntrypoint({
  image,
  entrypoint = typeof image === "string" ? undefined : image.entrypoint,
}: VirtualMachineProps) {
  if (!entrypoint || Token.isUnresolved(entrypoint) || entrypoint.startsWith("/")) return [];
  return [badValue({ attribute: ["entrypoint"], given: entrypoint, allowed: "an absolute path such as /sbin/init" })];
}

function checkEnvironment({ env = {}, secretEnv = {}, sshKeys = [] }: VirtualMachineProps): readonly GridError[] {
  const known = Object.entries({ ...env, SSH_KEY: env.SSH_KEY ?? sshKeys.join("\n") });
  const whole = environmentRefusal(known.filter(([, value]) => !Token.isUnresolved(value)));
  return [
    ...Object.keys(env).flatMap((name) => refused(name, ["env", name], variableNameRefusal)),
    ...Object.entries(env).flatMap(([name, value]) =>
      refused(value, ["env", name], (plain) => variableRefusal(name, plain)),
    ),
    ...Object.keys(secretEnv).flatMap((name) => refused(name, ["secretEnv", name], variableNameRefusal)),
    ...Object.keys(secretEnv).flatMap((name) => (Object.hasOwn(env, name) ? [givenTwice(name)] : [])),
    ...(whole ? [badValue({ attribute: ["env"], ...whole })] : []),
  ];
}

function givenTwice(name: string): GridError {
  const remedy = `keep ${name} in one of env and secretEnv.`;
  return badValue({ attribute: ["secretEnv", name], given: name, allowed: "each name once", remedy });
}

/** Images read root's keys from a variable, so that there is one place for them. */
function checkKeys({ sshKeys = [], env = {}, secretEnv = {} }: VirtualMachineProps): readonly GridError[] {
  const rival = Object.hasOwn(env, "SSH_KEY") ? "env" : "secretEnv";
  const isRivalled = sshKeys.length > 0 && Object.hasOwn({ ...env, ...secretEnv }, "SSH_KEY");
  const allowed = "a variable that sshKeys does not set";
  const remedy = `keep the keys in one of sshKeys and ${rival}.SSH_KEY.`;
  return [
    ...sshKeys.flatMap((key, index) => refused(key, ["sshKeys", index], sshKeyRefusal)),
    ...(isRivalled
      ? [badValue({ attribute: [rival, "SSH_KEY"], what: "is given beside sshKeys", allowed, remedy })]
      : []),
  ];
}

function checkMycelium({ mesh, mycelium, nodeKind = "full" }: VirtualMachineProps): readonly GridError[] {
  if (!mesh || mesh.hasMycelium || !(mycelium ?? nodeKind !== "full")) return [];
  const remedy = "turn mycelium on for the mesh, or off for this machine.";
  return [
    badValue({ attribute: ["mycelium"], given: true, allowed: `false in ${mesh.node.path}, which has none`, remedy }),
  ];
}

function checkGeneration({ generation }: VirtualMachineProps): GridError[] {
  if (generation === undefined || Token.isUnresolved(generation) || /^[A-Za-z0-9.-]{1,32}$/.test(generation)) return [];
  return [badValue({ attribute: ["generation"], given: generation, allowed: "1 to 32 letters, digits, . and -" })];
}

function checkStorage({ disks = [], volumes = [], quantumStorage = [] }: VirtualMachineProps): GridError[] {
  const seen = { mounts: new Set<string>(), names: new Set<string>() };
  return [
    ...disks.flatMap((item, index) => checkItem(item, ["disks", index], seen)),
    ...volumes.flatMap((item, index) => checkItem(item, ["volumes", index], seen)),
    ...quantumStorage.flatMap((item, index) => checkPlace(item, ["quantumStorage", index], seen)),
  ];
}

/** What light nodes have not; a machine that may run on either kind takes a full one for it. */
function checkLight(props: VirtualMachineProps): readonly GridError[] {
  const { nodeKind = "full", placement, logs = [] } = props;
  if (nodeKind === "any" && placement?.unresolvedNodeId !== undefined) return [badValue(KIND_UNKNOWN)];
  if (nodeKind === "full") return [];
  const refusals = lightRefusals({
    public_ipv4: nodeKind === "light" && props.publicIpv4 === true,
    public_ipv6: nodeKind === "light" && props.publicIpv6 === true,
    planetary: nodeKind === "light" && props.planetary === true,
    logs: logs.length > 0,
    quantum_storage: (props.quantumStorage ?? []).length > 0,
    mycelium: props.mycelium === false,
  });
  return refusals.map(({ name, ...refusal }) => badValue({ attribute: [PROPERTIES[name]], ...refusal }));
}

const PROPERTIES = {
  public_ipv4: "publicIpv4",
  public_ipv6: "publicIpv6",
  planetary: "planetary",
  logs: "logs",
  quantum_storage: "quantumStorage",
  mycelium: "mycelium",
} as const;

const KIND_UNKNOWN = {
  attribute: ["nodeKind"],
  given: "any",
  allowed: "full or light for a node whose number only Terraform knows",
};

/** Ids tell cards of one node apart, and say nothing of the node. */
function checkGpus({ gpus = [], placement }: VirtualMachineProps): readonly GridError[] {
  if (Token.isUnresolved(gpus) || gpus.length === 0) return [];
  const isPlaced = placement?.isExplicit === true;
  return [
    ...gpus.flatMap((id, index) => refused(id, ["gpus", index], gpuIdRefusal)),
    ...gpus.flatMap((id, index) =>
      !Token.isUnresolved(id) && gpus.indexOf(id) < index
        ? [badValue({ attribute: ["gpus", index], given: id, allowed: "each card once" })]
        : [],
    ),
    ...(isPlaced ? [] : [badValue({ attribute: ["gpus"], ...UNPLACED })]),
  ];
}

const UNPLACED = {
  what: "names cards, and placement names no node",
  allowed: "cards of the node that placement names",
  remedy: "add placement: Placement.node(number) with the node you rent.",
};

interface Seen {
  readonly mounts: Set<string>;
  readonly names: Set<string>;
}

function checkItem(item: MachineStorage, path: AttributePath, seen: Seen): GridError[] {
  return [
    ...checkRange(item.size.toGib(), [...path, "size"], { min: 1, max: 10_240, unit: "GiB" }),
    ...checkPlace(item, path, seen),
  ];
}

function checkPlace(
  { mountPoint, name }: Pick<MachineStorage, "mountPoint" | "name">,
  path: AttributePath,
  seen: Seen,
): GridError[] {
  return [
    ...checkMount(mountPoint, [...path, "mountPoint"], seen.mounts),
    ...(name === undefined ? [] : checkStorageName(name, [...path, "name"], seen.names)),
  ];
}

function checkMount(mount: string, attribute: AttributePath, seen: Set<string>): readonly GridError[] {
  if (Token.isUnresolved(mount)) return [];
  const problems = refused(mount, attribute, mountPointRefusal);
  const plain = plainMountPoint(mount);
  const isTaken = seen.has(plain);
  seen.add(plain);
  if (problems.length > 0 || !isTaken) return problems;
  return [badValue({ attribute, given: mount, allowed: "a path that no other disk or volume of the machine has" })];
}

function checkStorageName(name: string, attribute: AttributePath, seen: Set<string>): GridError[] {
  if (Token.isUnresolved(name)) return [];
  const isGood = WORKLOAD_NAME_PATTERN.test(name) && !seen.has(name);
  seen.add(name);
  return isGood
    ? []
    : [badValue({ attribute, given: name, allowed: "1 to 36 letters, digits and _, unique in the machine" })];
}
