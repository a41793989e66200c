import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runThreefold } from "../../lib/cli/threefold";
import type { GridProject } from "./grid-project";

/** What `threefold access mesh <name> --json` prints of the project's state. */
export async function printAccess(
  { terraform, env }: GridProject,
  name: string,
): Promise<{ readonly config: string; readonly address: string; readonly nodeId: number }> {
  const state = join(terraform.dir, "pulled.json");
  writeFileSync(state, (await terraform.succeed("state", "pull")).stdout);
  const mnemonic = join(terraform.dir, "mnemonic");
  writeFileSync(mnemonic, env.THREEFOLD_MNEMONIC ?? "", { mode: 0o600 });
  const said = { out: "", err: "" };
  const args = ["access", "mesh", name, "--json", "--state", state, "--mnemonic-file", mnemonic];
  const code = await runThreefold(args, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    stop: new AbortController().signal,
    handSignals: () => undefined,
  });
  if (code !== 0) throw new Error(`threefold access ${name}: ${said.err}`);
  return JSON.parse(said.out);
}
