import { MIB } from "../../../core/units";
import type { WantedWorkload } from "../../../engine/deployment-target";
import type { Machine, MachineNetworkBase } from "../../../model/workloads/parts/machine";
import type { BuildContext } from "../../deployment/deployment-kind";
import type { Attributes } from "../../schema/attributes";
import { ownNetworkName } from "./own-network";

/** Name of the workload that holds the public addresses. */
export const PUBLIC_IP = "public_ip";

/** The machine itself: what boots, how big it is, and what it reaches. */
export function machineWorkload(name: string, attributes: Attributes, context: BuildContext): WantedWorkload {
  const frame = { name, metadata: "", description: "" };
  const machine = machineOf(attributes, context);
  const network = networkOf(attributes, context);
  if (attributes.flag("light")) return { ...frame, type: "zmachine-light", data: { ...machine, network } };
  const hasPublicIp = attributes.flag("public_ipv4") || attributes.flag("public_ipv6");
  const outside = { public_ip: hasPublicIp ? PUBLIC_IP : "", planetary: attributes.flag("planetary") };
  return { ...frame, type: "zmachine", data: { ...machine, network: { ...outside, ...network } } };
}

function machineOf(attributes: Attributes, context: BuildContext): Machine {
  const gpu = attributes.texts("gpus");
  return {
    flist: attributes.requireText("flist"),
    size: attributes.requireNumber("root_size_mib") * MIB,
    compute_capacity: {
      cpu: attributes.requireNumber("cpu"),
      memory: attributes.requireNumber("memory_mib") * MIB,
    },
    mounts: ["disks", "volumes", "quantum_storage"]
      .flatMap((list) => attributes.objects(list))
      .map((item) => ({
        name: item.requireText("name"),
        mountpoint: item.requireText("mount_point"),
      })),
    entrypoint: attributes.text("entrypoint") ?? "",
    env: environmentOf(attributes, context),
    corex: attributes.flag("corex"),
    ...(gpu.length > 0 ? { gpu } : {}),
  };
}

function networkOf(attributes: Attributes, { secrets }: BuildContext): MachineNetworkBase {
  const network = attributes.object("network")?.requireText("name") ?? ownNetworkName(attributes);
  const identity = `virtual_machine/${attributes.requireText("identity")}`;
  const seed = secrets.keys.bytes({ kind: "mycelium-seed", identity }, 6).toString("hex");
  return {
    ...(attributes.flag("mycelium") ? { mycelium: { network, hex_seed: seed } } : {}),
    interfaces: [{ network, ip: attributes.requireText("ip") }],
  };
}

function environmentOf(attributes: Attributes, { secrets }: BuildContext): Record<string, string> {
  const keys = attributes.texts("ssh_keys").map((key) => key.trim());
  const references = Object.entries(attributes.textMap("secret_env"));
  return {
    ...(keys.length > 0 ? { SSH_KEY: keys.join("\n") } : {}),
    ...attributes.textMap("env"),
    ...Object.fromEntries(references.map(([name, text]) => [name, secrets.resolve(`secret_env.${name}`, text)])),
    ...secrets.writeOnly(attributes.number("secret_env_wo_version") ?? 0),
  };
}
