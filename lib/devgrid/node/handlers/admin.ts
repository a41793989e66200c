import { createHash } from "node:crypto";
import { isLight } from "../hardware";
import { NodeError } from "../node-error";
import type { Command, CommandTable } from "./command";

/** What only the farmer may ask. @source zosbase pkg/zos_api/admin.go, pkg/zos_api_light/admin.go (node source) */
export const adminCommands: CommandTable = {
  "zos.admin.interfaces": farmerOnly(({ parts }) => {
    const { hardware } = parts.runtime.surroundings;
    const digits = createHash("md5").update(`nic ${parts.nodeId}`).digest("hex").slice(0, 10);
    const mac = ["02", ...(digits.match(/../g) ?? [])].join(":");
    const ips = hardware.interfaces.zos.map((ip) => `${ip}/${ip.includes(":") ? 64 : 24}`);
    return { zos: { ips, mac } };
  }),

  "zos.admin.get_public_nic": farmerOnly(({ parts }) => {
    if (isLight(parts.runtime.surroundings.hardware)) throw new NodeError("not supported");
    return { is_single: true, is_dual: false, dual_interface: "" };
  }),

  "zos.admin.set_public_nic": farmerOnly(({ parts }, _twinId, payload) => {
    if (typeof payload !== "string") throw new NodeError("failed to decode input, expecting string");
    if (isLight(parts.runtime.surroundings.hardware)) throw new NodeError("not supported");
    if (payload !== "zos") throw new NodeError(`failed to get interface ${payload}: Link not found`);
    return null;
  }),
};

/** Served to admin twins of the network only; a devgrid has none. */
const refused: Command = () => {
  throw new NodeError("unauthorized");
};

/** What only the people who run the network may ask, on full nodes. @source zosbase pkg/zos_api/debug.go */
export const debugCommands: CommandTable = {
  "zos.debug.deployment.list": refused,
  "zos.debug.deployment.get": refused,
  "zos.debug.deployment.history": refused,
  "zos.debug.deployment.info": refused,
  "zos.debug.deployment.health": refused,
};

function farmerOnly(command: Command): Command {
  return (context, sourceTwinId, payload) => {
    const { ledger, nodeId } = context.parts;
    const farm = ledger.getFarm(ledger.getNode(nodeId)?.farmId ?? 0);
    if (farm?.twinId !== sourceTwinId) throw new NodeError("unauthorized");
    return command(context, sourceTwinId, payload);
  };
}
