import { GIB, MIB } from "../../../core/units";
import type { DeploymentTarget, WantedWorkload } from "../../../engine/deployment-target";
import type { Deployment } from "../../../model/deployment";
import { toWorkloadName } from "../../../model/identity";
import { logStreamName } from "../../../model/log-target";
import { resultOf } from "../../../model/workloads/registry";
import type { AnyWorkload, Workload } from "../../../model/workloads/workload";
import type { BuildContext } from "../../deployment/deployment-kind";
import type { Attributes } from "../../schema/attributes";
import type { ObjectValue } from "../../schema/value";
import { machineWorkload, PUBLIC_IP } from "./machine-workload";
import { ownNetwork } from "./own-network";
import { quantumStorageWorkloads, readMetrics } from "./quantum-storage/workloads";

/** The machine's deployment as its attributes ask for it. */
export function buildVirtualMachine(
  attributes: Attributes,
  context: BuildContext,
): Omit<DeploymentTarget, "lineage" | "role" | "nodeId"> {
  const machineName = toWorkloadName(attributes.requireText("identity"));
  const label = (name: string) => ({ type: "vm", name, projectName: `vm/${name}` });
  const name = attributes.requireText("name");
  return {
    title: `virtual machine ${name}`,
    label: label(name),
    publicIps: attributes.flag("public_ipv4") ? 1 : 0,
    // The generation is hashed, so that an import finds it on the node; without one nothing is added.
    metadata: JSON.stringify({ version: 3, ...label(machineName), generation: attributes.text("generation") }),
    description: saltOf(attributes, context),
    workloads: [
      ...(attributes.object("network") ? [] : [ownNetwork(attributes, context.secrets.keys)]),
      ...storageWorkloads(attributes),
      ...quantumStorageWorkloads(attributes, context.secrets),
      ...publicIpWorkloads(attributes),
      machineWorkload(machineName, attributes, context),
      ...logWorkloads(machineName, attributes),
    ],
  };
}

/** Derived, so that it survives a lost state; secret, so that nobody can test guesses against the public hash. */
function saltOf(attributes: Attributes, { secrets }: BuildContext): string {
  const identity = `virtual_machine/${attributes.requireText("identity")}`;
  return secrets.keys.bytes({ kind: "salt", identity }, 16).toString("hex");
}

const TEXTS = { metadata: "", description: "" };

function storageWorkloads(attributes: Attributes): WantedWorkload[] {
  const items = (list: string, type: "zmount" | "volume"): WantedWorkload[] =>
    attributes.objects(list).map((item) => ({
      ...TEXTS,
      name: item.requireText("name"),
      type,
      data: { size: item.requireNumber("size_gib") * GIB },
    }));
  return [...items("disks", "zmount"), ...items("volumes", "volume")];
}

function logWorkloads(zmachine: string, attributes: Attributes): WantedWorkload[] {
  return attributes.texts("logs").map((output) => ({
    ...TEXTS,
    name: logStreamName(output),
    type: "zlogs",
    data: { zmachine, output },
  }));
}

function publicIpWorkloads(attributes: Attributes): WantedWorkload[] {
  const v4 = attributes.flag("public_ipv4");
  const v6 = attributes.flag("public_ipv6");
  return v4 || v6 ? [{ ...TEXTS, name: PUBLIC_IP, type: "ip", data: { v4, v6 } }] : [];
}

/** What the node says of a running machine. */
export function readVirtualMachine(deployment: Deployment): ObjectValue {
  const machine = deployment.workloads.find(isMachine);
  const address = deployment.workloads.find((workload) => workload.type === "ip");
  const facts = machine ? resultOf(machine) : undefined;
  const publicFacts = address ? resultOf(address) : undefined;
  return {
    public_ipv4_address: bare(publicFacts?.ip),
    public_ipv6_address: bare(publicFacts?.ip6),
    planetary_ip: (machine?.type === "zmachine" && resultOf(machine)?.planetary_ip) || null,
    mycelium_ip: facts?.mycelium_ip || null,
    console_url: facts?.console_url || null,
    quantum_storage_metrics: readMetrics(deployment),
  };
}

/** Configuration of a machine that is imported: everything but environment, names, keys and what holds passwords. */
export function readImportedMachine(deployment: Deployment): ObjectValue {
  const machine = deployment.workloads.find(isMachine);
  if (!machine) return {};
  const { data } = machine;
  const address = deployment.workloads.find((workload) => workload.type === "ip");
  const own = deployment.workloads.find(isNetwork);
  const logs = deployment.workloads.flatMap(({ type, data: stream }) =>
    type === "zlogs" && "output" in stream ? [stream.output] : [],
  );
  const link = data.network.interfaces[0];
  const storage = (type: "zmount" | "volume") => {
    const items = data.mounts.flatMap(({ name, mountpoint }) => {
      const found = deployment.workloads.find((workload) => workload.name === name && workload.type === type);
      const size = found && "size" in found.data ? found.data.size : 0;
      return found ? [{ name, mount_point: mountpoint, size_gib: size / GIB }] : [];
    });
    return items.length > 0 ? items : null;
  };
  return {
    cpu: data.compute_capacity.cpu,
    memory_mib: data.compute_capacity.memory / MIB,
    root_size_mib: data.size / MIB,
    flist: data.flist,
    entrypoint: data.entrypoint || null,
    disks: storage("zmount"),
    volumes: storage("volume"),
    gpus: data.gpu && data.gpu.length > 0 ? [...data.gpu] : null,
    network: own || !link ? null : { name: link.network, ip: link.ip },
    public_ipv4: address?.data.v4 ?? false,
    public_ipv6: address?.data.v6 ?? false,
    light: machine.type === "zmachine-light",
    logs: logs.length > 0 ? logs : null,
    corex: data.corex,
    planetary: machine.type === "zmachine" && machine.data.network.planetary,
    mycelium: data.network.mycelium !== undefined,
    ip: link?.ip ?? null,
    wireguard_port: own?.type === "network" ? own.data.wireguard_listen_port : null,
    generation: generationIn(deployment.metadata),
  };
}

/** Metadata of other clients is any text. */
function generationIn(metadata: string): string | null {
  try {
    const { generation } = JSON.parse(metadata) as { generation?: unknown };
    return typeof generation === "string" ? generation : null;
  } catch {
    return null;
  }
}

function isMachine(workload: AnyWorkload): workload is Workload<"zmachine"> | Workload<"zmachine-light"> {
  return workload.type === "zmachine" || workload.type === "zmachine-light";
}

function isNetwork(workload: AnyWorkload): workload is Workload<"network"> | Workload<"network-light"> {
  return workload.type === "network" || workload.type === "network-light";
}

function bare(cidr: string | undefined): string | null {
  return cidr ? (cidr.split("/")[0] ?? null) : null;
}
