import { Token } from "cdktf";
import type { GridError } from "../../core/errors";
import { WORKLOAD_NAME_PATTERN } from "../../model/identity";
import { Image } from "../image";
import { Secret } from "../secret";
import type { MachineStorage, VirtualMachineProps } from "../virtual-machine";
import { leastRootMib } from "./machine-needs";
import { badValue, checkIdentity, checkName, checkRange, type Rule } from "./problems";

/** Names a shell and an init system can carry. A bad one stops the machine's boot. */
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a machine's properties must fulfil. */
export const machineRules: readonly Rule<VirtualMachineProps>[] = [
  checkName,
  checkIdentity,
  ({ cpu }) => checkRange(cpu, ["cpu"], { min: 1, max: 32 }),
  ({ memory }) => checkRange(memory.toMib(), ["memory"], { min: 256, max: 262_144, unit: "MiB" }),
  (props) =>
    checkRange(props.rootSize?.toMib(), ["rootSize"], { min: leastRootMib(props), max: 10_485_760, unit: "MiB" }),
  checkEntrypoint,
  checkEnvironment,
  checkKeys,
  checkBootDisk,
  checkStorage,
];

function checkEntrypoint({ entrypoint }: VirtualMachineProps): GridError[] {
  if (!entrypoint || Token.isUnresolved(entrypoint) || entrypoint.startsWith("/")) return [];
  return [badValue({ attribute: ["entrypoint"], given: entrypoint, allowed: "an absolute path such as /sbin/init" })];
}

function checkEnvironment({ env = {}, secretEnv = {} }: VirtualMachineProps): GridError[] {
  return [
    ...Object.keys(env).flatMap((name) => checkVariable("env", name)),
    ...Object.entries(env).flatMap(([name, value]) => checkPlainValue(name, value)),
    ...Object.keys(secretEnv).flatMap((name) => checkVariable("secretEnv", name)),
    ...Object.keys(secretEnv).flatMap((name) => (Object.hasOwn(env, name) ? [givenTwice(name)] : [])),
  ];
}

function checkVariable(attribute: string, name: string): GridError[] {
  if (ENV_NAME.test(name)) return [];
  const allowed = "names of letters, digits and _, not beginning with a digit";
  return [badValue({ attribute: [attribute, name], given: name, allowed, remedy: `rename ${name}.` })];
}

function checkPlainValue(name: string, value: unknown): GridError[] {
  if (!(value instanceof Secret)) return [];
  return [badValue({ attribute: ["env", name], allowed: "plain text", remedy: "put a Secret into secretEnv." })];
}

function givenTwice(name: string): GridError {
  const remedy = `keep ${name} in one of env and secretEnv.`;
  return badValue({ attribute: ["secretEnv", name], given: name, allowed: "each name once", remedy });
}

/** A private key in the wrong place would end up in the state and on a node. */
function checkKeys({ sshKeys = [] }: VirtualMachineProps): GridError[] {
  return sshKeys.flatMap((key, index) => {
    if (!key.includes("PRIVATE KEY")) return [];
    return [badValue({ attribute: ["sshKeys", index], allowed: "a public key", remedy: "give the .pub file's text." })];
  });
}

function checkBootDisk({ image, disks = [] }: VirtualMachineProps): GridError[] {
  if (!(image instanceof Image) || !image.bootsFromDisk || disks.length > 0) return [];
  const allowed = "at least one disk: this image is written to the first and boots from it";
  return [badValue({ attribute: ["disks"], allowed, remedy: "add a disk of 25 GiB or more as the first." })];
}

function checkStorage({ disks = [], volumes = [] }: VirtualMachineProps): GridError[] {
  const seen = { mounts: new Set<string>(), names: new Set<string>() };
  return [
    ...disks.flatMap((item, index) => checkItem(item, ["disks", index], seen)),
    ...volumes.flatMap((item, index) => checkItem(item, ["volumes", index], seen)),
  ];
}

type Path = readonly (string | number)[];

interface Seen {
  readonly mounts: Set<string>;
  readonly names: Set<string>;
}

function checkItem({ size, mountPoint, name }: MachineStorage, path: Path, seen: Seen): GridError[] {
  return [
    ...checkRange(size.toGib(), [...path, "size"], { min: 1, max: 10_240, unit: "GiB" }),
    ...checkMount(mountPoint, [...path, "mountPoint"], seen.mounts),
    ...(name === undefined ? [] : checkStorageName(name, [...path, "name"], seen.names)),
  ];
}

function checkMount(mount: string, attribute: Path, seen: Set<string>): GridError[] {
  if (Token.isUnresolved(mount)) return [];
  const clean = mount.replace(/\/+$/, "");
  if (!mount.startsWith("/") || clean === "") {
    return [badValue({ attribute, given: mount, allowed: "an absolute path below /" })];
  }
  const isTaken = seen.has(clean);
  seen.add(clean);
  return isTaken
    ? [badValue({ attribute, given: mount, allowed: "a path that no other disk or volume of the machine has" })]
    : [];
}

function checkStorageName(name: string, attribute: Path, seen: Set<string>): GridError[] {
  if (Token.isUnresolved(name)) return [];
  const isGood = WORKLOAD_NAME_PATTERN.test(name) && !seen.has(name);
  seen.add(name);
  return isGood
    ? []
    : [badValue({ attribute, given: name, allowed: "1 to 36 letters, digits and _, unique in the machine" })];
}
