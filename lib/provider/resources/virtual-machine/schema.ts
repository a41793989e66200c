import { deploymentAttributes } from "../../deployment/common-attributes";
import type { Attribute, BlockSchema } from "../../schema/schema";
import { quantumStorageAttribute } from "./quantum-storage/schema";

/** A disk or a volume of a machine. */
function storage(kind: "disk" | "volume", grows: string): Attribute {
  return {
    optional: true,
    description: `${kind === "disk" ? "Raw SSD disks" : "Shared SSD directories"} of the machine. ${grows}`,
    nested: {
      nesting: "list",
      attributes: {
        mount_point: {
          type: "string",
          required: true,
          description: "Absolute path in the machine, unique, not `/`.",
        },
        size_gib: { type: "number", required: true, description: "Size in GiB, 1 to 10240. Shrinking loses the data." },
        name: {
          type: "string",
          optional: true,
          computed: true,
          description: `Which ${kind} it is from one run to the next. Defaults to one made from the mount point.`,
        },
      },
    },
  };
}

/** Something that is off unless asked for. */
function option(description: string): Attribute {
  return { type: "bool", optional: true, computed: true, description: `${description} Defaults to false.` };
}

/** A machine and everything under its contract. */
export const virtualMachineSchema: BlockSchema = {
  version: 0,
  description:
    "A virtual machine with its disks, volumes and public addresses: one node contract. A change of cpu, memory, image or environment rebuilds it in place: disks, addresses and contract stay, the root filesystem starts anew.",
  attributes: {
    ...deploymentAttributes,
    cpu: { type: "number", required: true, description: "Virtual cores, 1 to 32." },
    memory_mib: { type: "number", required: true, description: "Memory in MiB, 256 to 262144." },
    root_size_mib: {
      type: "number",
      optional: true,
      computed: true,
      description:
        "Root filesystem in MiB. Defaults to the least the node allows: 500, or 2048 as soon as cores times memory reach 8 GiB.",
    },
    flist: { type: "string", required: true, description: "URL of the image, `https://…/….flist` or `….fl`." },
    flist_md5: {
      type: "string",
      optional: true,
      description:
        "MD5 that the image must have, 32 hex digits: hubs tell it at `<flist>.md5`. An apply is refused when the image is another, or its hub does not answer. Nodes look at no sum: what is changed afterwards they take at the next rebuild or restart.",
    },
    entrypoint: {
      type: "string",
      optional: true,
      description: "Absolute path of the command, with its arguments. Defaults to the image's own.",
    },
    env: { type: { map: "string" }, optional: true, description: "Environment. Not for secrets: it is kept in state." },
    secret_env: {
      type: { map: "string" },
      optional: true,
      description:
        "Environment whose values are references: `derive:<kind>/<identity>/<version>` (with `@<key scope>` for one of another project), `env:NAME` or `file:PATH`. The values reach the node only.",
    },
    secret_env_wo: {
      type: { map: "string" },
      optional: true,
      writeOnly: true,
      description:
        "Environment from other providers' secrets: neither in plan nor in state. Raise the version to send anew.",
    },
    secret_env_wo_version: {
      type: "number",
      optional: true,
      description: "Raised when `secret_env_wo` holds new values.",
    },
    ssh_keys: {
      type: { list: "string" },
      optional: true,
      description: "Public SSH keys of root, passed as `SSH_KEY` as the official images expect.",
    },
    disks: storage("disk", "Growing one rebuilds the machine in place, the data stays."),
    volumes: storage("volume", "Growing one changes nothing else."),
    quantum_storage: quantumStorageAttribute,
    gpus: {
      type: { list: "string" },
      optional: true,
      description:
        "Graphics cards as `slot/vendor/device`, from `threefold_node_gpus`; only on a node that the account rents as a whole. A change of them rebuilds the machine in place.",
    },
    network: {
      optional: true,
      description: "The mesh it joins. Without one it gets a private network of its own on its node.",
      nested: {
        nesting: "single",
        attributes: {
          name: { type: "string", required: true, description: "`threefold_network.<mesh>.network_name`." },
          ip: { type: "string", required: true, description: '`threefold_network.<mesh>.addresses["<host>"]`.' },
        },
      },
    },
    light: option(
      "Whether it runs on a light node, which knows no public addresses, no Yggdrasil and no log streams. A change of it is a replacement.",
    ),
    logs: {
      type: { set: "string" },
      optional: true,
      description:
        "Where its console is streamed to: `redis://`, `ws://` or `wss://` addresses that its private network reaches. Not for secrets: they are kept in state.",
    },
    corex: option("Runs corex, which serves the machine's processes, in place of the entrypoint."),
    public_ipv4: option("A public IPv4, billed while the contract lives. A change of it is a replacement."),
    public_ipv6: option("A public IPv6, where the node has it."),
    planetary: option("A Yggdrasil address."),
    mycelium: {
      type: "bool",
      optional: true,
      computed: true,
      description:
        "A mycelium address; in a mesh that has mycelium on. Defaults to true on a light node, where it is the way in, and to false on others.",
    },
    generation: {
      type: "string",
      optional: true,
      description:
        "Any short text of letters, digits, `.` and `-`. Another one replaces the machine and its disks, on the same node and under the same identity.",
    },
    ip: { type: "string", computed: true, description: "Private address, known in the plan." },
    wireguard_port: {
      type: "number",
      computed: true,
      description:
        "Port of its own network on the node; null in a mesh and on a light node. Chosen at creation, then kept.",
    },
    public_ipv4_address: { type: "string", computed: true, description: "Public IPv4 without prefix length, or null." },
    public_ipv6_address: { type: "string", computed: true, description: "Public IPv6 without prefix length, or null." },
    planetary_ip: { type: "string", computed: true, description: "Yggdrasil address, or null." },
    mycelium_ip: { type: "string", computed: true, description: "Mycelium address, or null." },
    console_url: {
      type: "string",
      computed: true,
      description: "`address:port` of the console on the private network.",
    },
    quantum_storage_metrics: {
      type: { map: "string" },
      computed: true,
      description: "Where each file system tells its measurements, for Prometheus: URL by its name. Null without any.",
    },
  },
};
