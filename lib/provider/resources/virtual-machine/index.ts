import { toWorkloadName } from "../../../model/identity";
import type { ExclusiveUse } from "../../deployment/deployment-kind";
import { defineDeploymentResource } from "../../deployment/deployment-resource";
import { Attributes } from "../../schema/attributes";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../../schema/value";
import { gpuRefusals, gpuUses } from "./gpus";
import { imageObstacles } from "./image";
import { meshRefusals } from "./migration";
import { buildVirtualMachine, readImportedMachine, readVirtualMachine } from "./model";
import { ANY_PORT, chooseOwnPort, OWN_ADDRESS } from "./own-network";
import { completeQuantumStorage, namespacesInUse } from "./quantum-storage/workloads";
import { leastRootMib, validateVirtualMachine } from "./rules";
import { virtualMachineSchema } from "./schema";

/** What makes the content of a machine's deployment. */
const INPUTS = [
  ...["cpu", "memory_mib", "root_size_mib", "flist", "entrypoint", "env", "secret_env", "secret_env_wo_version"],
  ...["ssh_keys", "disks", "volumes", "network", "public_ipv4", "public_ipv6", "planetary", "mycelium", "ip"],
  ...["wireguard_port", "generation", "quantum_storage", "gpus", "light", "logs", "corex"],
];

/** Outputs, each with the attributes that a change of may alter it. */
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  public_ipv4_address: ["public_ipv4"],
  public_ipv6_address: ["public_ipv6"],
  planetary_ip: ["planetary"],
  mycelium_ip: ["mycelium", "network"],
  console_url: ["ip", "network"],
  quantum_storage_metrics: ["quantum_storage"],
};

/** Where storage is configured, by the type of its workload. */
const LISTS: Readonly<Record<string, string>> = { zmount: "disks", volume: "volumes", qsfs: "quantum_storage" };

/** `threefold_virtual_machine`. */
export const virtualMachine = defineDeploymentResource({
  typeName: "threefold_virtual_machine",
  kind: "virtual_machine",
  schema: virtualMachineSchema,
  validate: validateVirtualMachine,
  fixed: ["public_ipv4", "generation", "light"],
  inputs: INPUTS,
  outputs: Object.keys(OUTPUTS),
  complete,
  choose: async (values, engine, keys): Promise<ObjectValue> => {
    const attributes = new Attributes(values);
    const isSettled = hasNoPort(values) || attributes.number("wireguard_port") !== undefined;
    return isSettled ? {} : { wireguard_port: await chooseOwnPort(attributes, keys, engine) };
  },
  assume: (values): ObjectValue => {
    const isOpen = values.network === null && !hasNoPort(values) && values.wireguard_port === UNKNOWN;
    return isOpen ? { wireguard_port: ANY_PORT } : {};
  },
  obstacles: imageObstacles,
  refusals: async (values, engine) => [...(await gpuRefusals(values, engine)), ...(await meshRefusals(values, engine))],
  build: buildVirtualMachine,
  exclusive: (values) => [...addressInUse(values), ...namespacesInUse(values), ...gpuUses(values)],
  changedOutputs: (prior, planned) =>
    Object.entries(OUTPUTS)
      .filter(([, causes]) => causes.some((name) => !valuesEqual(prior[name] ?? null, planned[name] ?? null)))
      .map(([output]) => output),
  readOutputs: readVirtualMachine,
  readImported: readImportedMachine,
  attributeOf: ({ type }) => LISTS[type] ?? "disks",
});

function addressInUse({ network }: ObjectValue): ExclusiveUse[] {
  if (!isObjectValue(network) || typeof network.name !== "string" || typeof network.ip !== "string") return [];
  const { name, ip } = network;
  return [{ thing: `address ${ip} in ${name}`, attribute: ["network", "ip"], given: ip }];
}

/** Defaults that depend on other attributes. */
function complete(proposed: ObjectValue, config: ObjectValue): ObjectValue {
  const { network } = config;
  const light = config.light ?? false;
  return {
    ...proposed,
    light,
    public_ipv4: config.public_ipv4 ?? false,
    public_ipv6: config.public_ipv6 ?? false,
    planetary: config.planetary ?? false,
    // The one way into a machine of a light node.
    mycelium: config.mycelium ?? light,
    corex: config.corex ?? false,
    root_size_mib: config.root_size_mib ?? defaultRoot(config),
    disks: named(config.disks ?? null, "disk"),
    volumes: named(config.volumes ?? null, "volume"),
    quantum_storage: completeQuantumStorage(config.quantum_storage ?? null),
    ip: addressOf(network ?? null),
    wireguard_port: portOf({ network: network ?? null, light }, proposed.wireguard_port ?? null),
  };
}

function defaultRoot(config: ObjectValue): Value {
  return config.cpu === UNKNOWN || config.memory_mib === UNKNOWN ? UNKNOWN : leastRootMib(config);
}

/** Names come from the mount point, not from the place in the list: moving a disk up or down changes nothing. */
function named(items: Value, kind: "disk" | "volume"): Value {
  if (!Array.isArray(items)) return items;
  return items.map((item) => {
    if (!isObjectValue(item) || (item.name ?? null) !== null) return item;
    const { mount_point: mount } = item;
    return { ...item, name: typeof mount === "string" ? toWorkloadName(`${kind}${mount}`) : UNKNOWN };
  });
}

function addressOf(network: Value): Value {
  if (network === UNKNOWN) return UNKNOWN;
  return isObjectValue(network) ? (network.ip ?? null) : OWN_ADDRESS;
}

function portOf(values: ObjectValue, earlier: Value): Value {
  if (hasNoPort(values)) return null;
  return values.network === UNKNOWN || values.light === UNKNOWN ? UNKNOWN : (earlier ?? UNKNOWN);
}

/** Only a network of its own has a port, and on a light node no WireGuard: there is nobody to connect to. */
function hasNoPort({ network, light }: ObjectValue): boolean {
  return light === true || isObjectValue(network ?? null);
}
