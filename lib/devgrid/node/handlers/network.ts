import { parseWorkload } from "../../../model/deployment";
import { struct, text } from "../../../model/wire/reader";
import type { AnyWorkload } from "../../../model/workloads/workload";
import { currentsOf, isActive } from "../engine/deployment-store";
import { isLight } from "../hardware";
import { NodeError } from "../node-error";
import type { AnyMachine } from "../primitives/machine";
import { publicIpFacts } from "../primitives/public-ip";
import { ownIpv6 } from "../runtime/public-ipv6";
import { type Command, type CommandTable, readPayload } from "./command";

const networkArgs = struct<{ network_name: string }>({ network_name: text });

/** What every node tells about its network. @source zosbase pkg/zos_api/network.go, pkg/zos_api_light/network.go */
export const networkCommands: CommandTable = {
  "zos.network.list_wg_ports": ({ parts }) => parts.runtime.networks.ports(),

  "zos.network.public_config_get": ({ parts }) => {
    const { hardware } = parts.runtime.surroundings;
    const config = hardware.publicConfig;
    if (!config) throw new NodeError(isLight(hardware) ? "public config not found" : "no public configuration");
    const { ip4, ip6, gw4, gw6, domain } = config;
    return { type: "macvlan", ipv4: ip4, ipv6: ip6, gw4, gw6, domain };
  },

  "zos.network.interfaces": ({ parts }) => {
    const { hardware } = parts.runtime.surroundings;
    const { zos, ygg } = hardware.interfaces;
    return isLight(hardware) ? { zos } : { zos, ygg };
  },

  "zos.network.has_ipv6": ({ parts }) => {
    const { hardware } = parts.runtime.surroundings;
    if (isLight(hardware)) return false;
    if (ownIpv6(hardware) === undefined) throw new NodeError("no public ipv6 found");
    return true;
  },

  "zos.network.list_private_ips": ({ parts }, twinId, payload) => {
    const { network_name } = readPayload(networkArgs, payload);
    const records = parts.store.list().filter((record) => record.twinId === twinId && isActive(record));
    return records
      .flatMap(currentsOf)
      .filter((entry) => entry.result.state !== "error")
      .map((entry) => parseWorkload(entry, entry.name))
      .flatMap((workload) => (isMachine(workload) ? workload.data.network.interfaces : []))
      .filter((nic) => nic.network === network_name)
      .map((nic) => nic.ip);
  },
};

function isMachine(workload: AnyWorkload): workload is AnyMachine {
  return workload.type === "zmachine" || workload.type === "zmachine-light";
}

/** Public addresses in use on a full node; light nodes have none and don't know the command. */
export const listPublicIps: Command = ({ parts }) =>
  parts.store
    .list()
    .flatMap(currentsOf)
    .filter((entry) => entry.type === "ip" || entry.type === "ipv4")
    .map((entry) => publicIpFacts(parseWorkload(entry, entry.name))?.ip ?? "")
    .filter((ip) => ip !== "");
