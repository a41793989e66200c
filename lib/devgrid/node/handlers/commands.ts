import { isLight, type NodeHardware } from "../hardware";
import { adminCommands, debugCommands } from "./admin";
import type { CommandTable } from "./command";
import { deploymentCommands } from "./deployment";
import { listPublicIps, networkCommands } from "./network";
import { perfCommands } from "./perf";
import { systemCommands } from "./system";

const shared: CommandTable = {
  ...deploymentCommands,
  ...networkCommands,
  ...systemCommands,
  ...perfCommands,
  ...adminCommands,
};

const full: CommandTable = { ...shared, "zos.network.list_public_ips": listPublicIps, ...debugCommands };

/** Everything that a node of this family answers to. */
export function commandsOf(hardware: NodeHardware): CommandTable {
  return isLight(hardware) ? shared : full;
}
