import { parseArgs } from "node:util";
import { messageOf } from "../core/errors";
import { readAccountSecret } from "../provider/account-secret";
import { meshAccess, requireMesh } from "./access/mesh-access";
import { type Command, UsageError } from "./command";
import { stackAccount } from "./stack/stack-account";
import { readStates, STACK_OPTIONS, type StackOptions, stackOptions } from "./stack/stack-options";

const HELP = `Usage: threefold access <mesh> <name> [options]

Prints the wg-quick file with which a user's machine dials into a mesh: <name> is one of the mesh's access points. The
private key in it is derived from the account's secret; it is stored nowhere, so keep the file to yourself.

The mesh is looked up in the Terraform state of the CDKTF project in this directory. The account is the one the provider
uses: THREEFOLD_MNEMONIC or MNEMONIC, and THREEFOLD_KEY_SECRET if you set that. No network is asked.

Options:
  --stack NAME           the stack that declares the mesh (default: the one that has it)
  --state FILE           read this state file instead
  --mnemonic-file FILE   the account's secret, as mnemonic_file of the provider block
  --key-type TYPE        sr25519 or ed25519, as key_type of the provider block
  --json                 one line of JSON: mesh, name, stack, address, publicKey, nodeId, config

Examples:
  threefold access mesh laptop > wg-mesh.conf && sudo wg-quick up ./wg-mesh.conf
  terraform state pull > state.json && threefold access mesh laptop --state state.json`;

/** What was asked. */
interface AccessOptions extends StackOptions {
  readonly mesh: string;
  readonly name: string;
}

/** `threefold access`: a user's way into a mesh. */
export const accessCommand: Command = {
  help: HELP,
  run: async (args, terminal) => {
    const options = parseOptions(args);
    const stacks = await readStates(options, terminal.stop);
    const mesh = requireMesh(stacks, options.mesh);
    const { keyRoot } = await readAccountSecret(await stackAccount(mesh.stack, mesh.origin.network, options));
    const { config, ...access } = meshAccess(mesh, options.name, keyRoot);
    const { mesh: meshName, name, isJson } = options;
    const whole = { mesh: meshName, name, stack: mesh.stack.title, ...access, config: config.reveal() };
    terminal.out(`${isJson ? JSON.stringify(whole) : config.reveal()}\n`);
    return 0;
  },
};

function parseOptions(args: readonly string[]): AccessOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: STACK_OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    const [mesh, name, ...more] = positionals;
    if (mesh === undefined || name === undefined || more.length > 0) {
      throw new Error(`expected <mesh> and <name>, got ${positionals.length} argument(s)`);
    }
    return { ...stackOptions(values), mesh, name };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
