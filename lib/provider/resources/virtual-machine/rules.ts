import { posix } from "node:path";
import type { GridError } from "../../../core/errors";
import { FLIST_URLS, isFlistUrl } from "../../../model/flist-url";
import { WORKLOAD_NAME_PATTERN } from "../../../model/identity";
import { parseIp } from "../../../model/wire/ip-address";
import { notAReference, parseSecretReference } from "../../deployment/secret-references";
import { badValue, checkRange } from "../../schema/finding";
import { isObjectValue, type ObjectValue, type Value } from "../../schema/value";

/** Names a shell and an init system can carry. */
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Checks what is known of a machine's configuration; everything wrong is reported together. */
export function validateVirtualMachine(config: ObjectValue): GridError[] {
  return [
    ...checkRange(config.cpu, ["cpu"], { min: 1, max: 32 }),
    ...checkRange(config.memory_mib, ["memory_mib"], { min: 256, max: 262_144, unit: "MiB" }),
    ...checkRange(config.root_size_mib, ["root_size_mib"], { min: leastRootMib(config), max: 10_485_760, unit: "MiB" }),
    ...checkFlist(config.flist),
    ...checkEntrypoint(config.entrypoint),
    ...checkEnvironments(config),
    ...checkStorage(config),
    ...checkNetwork(config.network),
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

function checkEntrypoint(entrypoint: Value | undefined): GridError[] {
  if (typeof entrypoint !== "string" || entrypoint === "" || entrypoint.startsWith("/")) return [];
  return [badValue({ attribute: ["entrypoint"], given: entrypoint, allowed: "an absolute path such as /sbin/init" })];
}

function checkEnvironments(config: ObjectValue): GridError[] {
  const findings: GridError[] = [];
  const seen = new Map<string, string>();
  for (const attribute of ["env", "secret_env", "secret_env_wo"]) {
    const values = config[attribute];
    if (!isObjectValue(values)) continue;
    for (const [name, value] of Object.entries(values)) {
      findings.push(...checkVariable(attribute, name, seen.get(name)));
      seen.set(name, attribute);
      if (attribute === "secret_env" && typeof value === "string" && !parseSecretReference(value)) {
        findings.push(notAReference([attribute, name]));
      }
    }
  }
  return findings;
}

function checkVariable(attribute: string, name: string, earlier: string | undefined): GridError[] {
  if (!ENV_NAME.test(name)) {
    const allowed = "names of letters, digits and _, not beginning with a digit";
    return [badValue({ attribute: [attribute, name], given: name, allowed, remedy: `rename ${name}.` })];
  }
  if (earlier === undefined) return [];
  const remedy = `keep ${name} in one of ${earlier} and ${attribute}.`;
  return [badValue({ attribute: [attribute, name], given: name, allowed: "each name once", remedy })];
}

function checkStorage(config: ObjectValue): GridError[] {
  const mounts = new Set<string>();
  const names = new Set<string>();
  const findings: GridError[] = [];
  for (const attribute of ["disks", "volumes"]) {
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
  path: readonly (string | number)[],
  seen: { readonly mounts: Set<string>; readonly names: Set<string> },
): GridError[] {
  const { mount_point: mount, name } = item;
  const findings = checkRange(item.size_gib, [...path, "size_gib"], { min: 1, max: 10_240, unit: "GiB" });
  if (typeof mount === "string") {
    // As nodes read it: /a/.. is the root too.
    const clean = posix.resolve("/", mount);
    if (!mount.startsWith("/") || clean === "/") {
      findings.push(
        badValue({ attribute: [...path, "mount_point"], given: mount, allowed: "an absolute path below /" }),
      );
    } else if (seen.mounts.has(clean)) {
      const allowed = "a path that no other disk or volume of the machine has";
      findings.push(badValue({ attribute: [...path, "mount_point"], given: mount, allowed }));
    }
    seen.mounts.add(clean);
  }
  if (typeof name === "string") {
    if (!/^[A-Za-z0-9_]{1,36}$/.test(name) || seen.names.has(name)) {
      const allowed = "1 to 36 letters, digits and _, unique in the machine";
      findings.push(badValue({ attribute: [...path, "name"], given: name, allowed }));
    }
    seen.names.add(name);
  }
  return findings;
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
