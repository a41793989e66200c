import type { AttributePath, GridError } from "../../../core/errors";
import { environmentRefusal, variableNameRefusal, variableRefusal } from "../../../model/environment";
import { FLIST_URLS, isFlistUrl } from "../../../model/flist-url";
import { gpuIdRefusal } from "../../../model/gpu";
import { WORKLOAD_NAME_PATTERN } from "../../../model/identity";
import { lightRefusals } from "../../../model/light-node";
import { logTargetRefusal } from "../../../model/log-target";
import { mountPointRefusal, plainMountPoint } from "../../../model/mount-point";
import { sshKeyRefusal } from "../../../model/ssh-key";
import { parseIp } from "../../../model/wire/ip-address";
import { notAReference, parseSecretReference } from "../../deployment/secret-references";
import { badValue, checkRange } from "../../schema/finding";
import { isObjectValue, type ObjectValue, type Value } from "../../schema/value";
import { checkQuantumStorage } from "./quantum-storage/rules";

/** Checks what is known of a machine's configuration; everything wrong is reported together. */
export function validateVirtualMachine(config: ObjectValue): GridError[] {
  return [
    ...checkRange(config.cpu, ["cpu"], { min: 1, max: 32 }),
    ...checkRange(config.memory_mib, ["memory_mib"], { min: 256, max: 262_144, unit: "MiB" }),
    ...checkRange(config.root_size_mib, ["root_size_mib"], { min: leastRootMib(config), max: 10_485_760, unit: "MiB" }),
    ...checkFlist(config.flist),
    ...checkMd5(config.flist_md5),
    ...checkEntrypoint(config.entrypoint),
    ...checkEnvironments(config),
    ...checkEnvironmentSize(config),
    ...checkKeys(config),
    ...checkStorage(config),
    ...checkQuantumStorage(config.quantum_storage),
    ...checkGpus(config.gpus),
    ...checkLogs(config.logs),
    ...checkLight(config),
    ...checkNetwork(config.network),
    ...checkGeneration(config.generation),
  ];
}

/** The least root filesystem of a machine of that size; 500 while its size is unknown. @source zosbase zmachine_utils.go */
export function leastRootMib(values: ObjectValue): number {
  const { cpu, memory_mib: memory } = values;
  if (typeof cpu !== "number" || typeof memory !== "number") return 500;
  return cpu * memory < 8 * 1024 ? 500 : 2048;
}

function checkFlist(flist: Value | undefined): GridError[] {
  if (typeof flist !== "string" || isFlistUrl(flist)) return [];
  return [badValue({ attribute: ["flist"], given: flist, allowed: FLIST_URLS })];
}

function checkMd5(md5: Value | undefined): GridError[] {
  if (typeof md5 !== "string" || /^[0-9a-f]{32}$/.test(md5)) return [];
  return [badValue({ attribute: ["flist_md5"], given: md5, allowed: "32 hex digits in lower case" })];
}

function checkEntrypoint(entrypoint: Value | undefined): GridError[] {
  if (typeof entrypoint !== "string" || entrypoint === "" || entrypoint.startsWith("/")) return [];
  return [badValue({ attribute: ["entrypoint"], given: entrypoint, allowed: "an absolute path such as /sbin/init" })];
}

function checkEnvironments(config: ObjectValue): GridError[] {
  const findings: GridError[] = [];
  const seen = new Map<string, string>();
  for (const attribute of ENVIRONMENTS) {
    for (const [name, value] of Object.entries(variables(config[attribute]))) {
      findings.push(...checkVariable(attribute, name, seen.get(name)));
      seen.set(name, attribute);
      if (typeof value === "string") findings.push(...checkVariableText(attribute, name, value));
    }
  }
  return findings;
}

/** Where variables come from. */
const ENVIRONMENTS = ["env", "secret_env", "secret_env_wo"];

function variables(values: Value | undefined): ObjectValue {
  return isObjectValue(values) ? values : {};
}

function checkVariable(attribute: string, name: string, earlier: string | undefined): GridError[] {
  const refusal = variableNameRefusal(name);
  if (refusal) return [badValue({ attribute: [attribute, name], ...refusal })];
  if (earlier === undefined) return [];
  const remedy = `keep ${name} in one of ${earlier} and ${attribute}.`;
  return [badValue({ attribute: [attribute, name], given: name, allowed: "each name once", remedy })];
}

function checkVariableText(attribute: string, name: string, value: string): GridError[] {
  if (attribute === "secret_env") return parseSecretReference(value) ? [] : [notAReference([attribute, name])];
  const refusal = attribute === "env" ? variableRefusal(name, value) : undefined;
  return refusal ? [badValue({ attribute: [attribute, name], ...refusal })] : [];
}

function checkEnvironmentSize({ env, ssh_keys: keys }: ObjectValue): GridError[] {
  const texts = Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
  const known = Object.entries({ SSH_KEY: texts.join("\n"), ...variables(env) });
  const refusal = environmentRefusal(
    known.flatMap(([name, value]): [string, string][] => (typeof value === "string" ? [[name, value]] : [])),
  );
  return refusal ? [badValue({ attribute: ["env"], ...refusal })] : [];
}

/** Images read root's keys from a variable, so that there is one place for them. */
function checkKeys(config: ObjectValue): GridError[] {
  const keys = config.ssh_keys;
  if (!Array.isArray(keys) || keys.length === 0) return [];
  const rival = ENVIRONMENTS.find((attribute) => Object.hasOwn(variables(config[attribute]), "SSH_KEY"));
  const what = "is given beside ssh_keys";
  const remedy = `keep the keys in one of ssh_keys and ${rival}.SSH_KEY.`;
  const allowed = "a variable that ssh_keys does not set";
  return [
    ...keys.flatMap((key, index) => {
      const refusal = typeof key === "string" ? sshKeyRefusal(key) : undefined;
      return refusal ? [badValue({ attribute: ["ssh_keys", index], ...refusal })] : [];
    }),
    ...(rival ? [badValue({ attribute: [rival, "SSH_KEY"], what, allowed, remedy })] : []),
  ];
}

function checkStorage(config: ObjectValue): GridError[] {
  const mounts = new Set<string>();
  const names = new Set<string>();
  const findings: GridError[] = [];
  for (const attribute of ["disks", "volumes", "quantum_storage"]) {
    const items = config[attribute];
    if (!Array.isArray(items)) continue;
    items.forEach((item, index) => {
      if (isObjectValue(item)) findings.push(...checkItem(item, [attribute, index], { mounts, names }));
    });
  }
  return findings;
}

function checkItem(
  item: ObjectValue,
  path: AttributePath,
  seen: { readonly mounts: Set<string>; readonly names: Set<string> },
): GridError[] {
  const { mount_point: mount, name } = item;
  const findings = checkRange(item.size_gib, [...path, "size_gib"], { min: 1, max: 10_240, unit: "GiB" });
  if (typeof mount === "string") findings.push(...checkMount(mount, [...path, "mount_point"], seen.mounts));
  if (typeof name === "string") {
    if (!/^[A-Za-z0-9_]{1,36}$/.test(name) || seen.names.has(name)) {
      const allowed = "1 to 36 letters, digits and _, unique in the machine";
      findings.push(badValue({ attribute: [...path, "name"], given: name, allowed }));
    }
    seen.names.add(name);
  }
  return findings;
}

function checkMount(mount: string, attribute: AttributePath, seen: Set<string>): GridError[] {
  const refusal = mountPointRefusal(mount);
  const plain = plainMountPoint(mount);
  const isTaken = seen.has(plain);
  seen.add(plain);
  if (refusal) return [badValue({ attribute, ...refusal })];
  const allowed = "a path that no other disk or volume of the machine has";
  return isTaken ? [badValue({ attribute, given: mount, allowed })] : [];
}

function checkGpus(gpus: Value | undefined): GridError[] {
  if (!Array.isArray(gpus)) return [];
  return gpus.flatMap((id, index) => {
    if (typeof id !== "string") return [];
    const refusal = gpuIdRefusal(id);
    if (refusal) return [badValue({ attribute: ["gpus", index], ...refusal })];
    const isTwice = gpus.indexOf(id) < index;
    return isTwice ? [badValue({ attribute: ["gpus", index], given: id, allowed: "each card once" })] : [];
  });
}

function checkLogs(logs: Value | undefined): GridError[] {
  if (!Array.isArray(logs)) return [];
  return logs.flatMap((target, index) => {
    if (typeof target !== "string") return [];
    const refusal = logTargetRefusal(target);
    if (refusal) return [badValue({ attribute: ["logs", index], ...refusal })];
    const isTwice = logs.indexOf(target) < index;
    return isTwice ? [badValue({ attribute: ["logs", index], given: target, allowed: "each target once" })] : [];
  });
}

/** What light nodes have not. */
function checkLight(config: ObjectValue): GridError[] {
  if (config.light !== true) return [];
  return lightRefusals({
    public_ipv4: config.public_ipv4 === true,
    public_ipv6: config.public_ipv6 === true,
    planetary: config.planetary === true,
    logs: Array.isArray(config.logs) && config.logs.length > 0,
    quantum_storage: Array.isArray(config.quantum_storage) && config.quantum_storage.length > 0,
    mycelium: config.mycelium === false,
  }).map(({ name, ...refusal }) => badValue({ attribute: [name], ...refusal }));
}

function checkNetwork(network: Value | undefined): GridError[] {
  if (!isObjectValue(network)) return [];
  const { name, ip } = network;
  const findings: GridError[] = [];
  if (typeof name === "string" && !WORKLOAD_NAME_PATTERN.test(name)) {
    findings.push(badValue({ attribute: ["network", "name"], given: name, allowed: "1 to 36 letters, digits and _" }));
  }
  if (typeof ip !== "string") return findings;
  const bytes = parseIp(ip);
  const last = bytes?.[3] ?? 0;
  if (bytes?.length === 4 && last >= 2 && last <= 254) return findings;
  const allowed = "an IPv4 address of the mesh whose last number is 2 to 254 (1 is the gateway)";
  return [...findings, badValue({ attribute: ["network", "ip"], given: ip, allowed })];
}

function checkGeneration(generation: Value | undefined): GridError[] {
  if (typeof generation !== "string" || /^[A-Za-z0-9.-]{1,32}$/.test(generation)) return [];
  const allowed = "1 to 32 letters, digits, . and -";
  return [badValue({ attribute: ["generation"], given: generation, allowed })];
}
