import { parseArgs } from "node:util";
import {
  isParallelismChosen,
  PARALLELISM_VARIABLE,
  RAISED_PARALLELISM,
  type TerraformCommand,
} from "../../provider/parallelism";
import { UsageError } from "../command";

/** cdktf's own option. Its `--parallelism` is another number: how many stacks are deployed at a time. */
export const PARALLELISM_OPTION = "terraform-parallelism";

/**
 * The environment for cdktf, in which Terraform may work on many objects at a time: as many as the command line says, or
 * the environment, or else far more than by itself. The provider sees in it that somebody has chosen.
 *
 * @param args of cdktf, which reads them itself
 * @throws {UsageError} for a number that cdktf would silently drop
 */
export function raisedParallelism(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  command: TerraformCommand,
): NodeJS.ProcessEnv {
  const asked = optionIn(args);
  if (asked !== undefined) return { ...env, [PARALLELISM_VARIABLE]: checked(`--${PARALLELISM_OPTION}`, asked) };
  const inherited = env[PARALLELISM_VARIABLE];
  if (inherited) checked(PARALLELISM_VARIABLE, inherited);
  // cdktf would put its number after those of TF_CLI_ARGS, where Terraform takes the last one.
  if (isParallelismChosen(env, [command])) return env;
  return { ...env, [PARALLELISM_VARIABLE]: String(RAISED_PARALLELISM) };
}

function optionIn(args: readonly string[]): string | undefined {
  const options = { [PARALLELISM_OPTION]: { type: "string" } } as const;
  const { values } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
  const value = values[PARALLELISM_OPTION];
  return value === true ? "" : (value as string | undefined);
}

function checked(name: string, value: string): string {
  if (value === "-1" || (/^[1-9]\d*$/.test(value) && Number.isSafeInteger(Number(value)))) return value;
  throw new UsageError(`${name} is "${value}"; allowed: a positive whole number, or -1 for Terraform's own.`);
}
