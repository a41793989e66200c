import { RAISED_PARALLELISM, TERRAFORM_PARALLELISM, type TerraformCommand } from "../provider/parallelism";
import { findCdktf } from "./cdktf/find-cdktf";
import { PARALLELISM_OPTION, raisedParallelism } from "./cdktf/raised-parallelism";
import { runInPlace } from "./cdktf/run-in-place";
import type { Command } from "./command";

/** Commands of cdktf that have Terraform work on objects, and the command of Terraform that each of them runs. */
const TERRAFORM: Readonly<Record<CdktfCommandName, TerraformCommand>> = {
  deploy: "apply",
  diff: "plan",
  destroy: "destroy",
};

/** A command of cdktf that `threefold` has, too. */
export type CdktfCommandName = "deploy" | "diff" | "destroy";

/** `threefold deploy`, `diff` and `destroy`: those of cdktf, with more objects at a time. */
export function cdktfCommand(name: CdktfCommandName): Command {
  return {
    help: helpOf(name),
    run: async (args, terminal) => {
      const env = raisedParallelism(args, process.env, TERRAFORM[name]);
      const file = findCdktf(process.cwd(), env.PATH);
      return runInPlace({ file, args: [name, ...args], env }, terminal);
    },
  };
}

function helpOf(name: CdktfCommandName): string {
  const stacks = name === "diff" ? "[stack]" : "[stacks...]";
  const unattended = name === "diff" ? "" : " --auto-approve";
  return `Usage: threefold ${name} ${stacks} [options of cdktf ${name}]

Runs the project's own cdktf ${name} and lets Terraform work on ${RAISED_PARALLELISM} objects at a time. By itself it works on ${TERRAFORM_PARALLELISM}, so that
300 machines take 30 rounds, each of which waits for blocks of the chain. Everything else is as in cdktf: arguments,
questions, output, signals and exit code.

The cdktf that is run is the one in node_modules of this directory or of one above it, else the one on the PATH.

Options:
  --${PARALLELISM_OPTION} N  how many objects Terraform works on at a time; -1: its own ${TERRAFORM_PARALLELISM}, which HCP Terraform wants
                             (default: CDKTF_TERRAFORM_PARALLELISM or a -parallelism in TF_CLI_ARGS, else ${RAISED_PARALLELISM})
  Every other option is cdktf's and goes to it unchanged: cdktf ${name} --help lists them.${
    name === "diff" ? "" : "\n  Among them --parallelism N, which is how many stacks are worked on at a time."
  }

Examples:
  threefold ${name}
  threefold ${name} shop${unattended} --${PARALLELISM_OPTION} 64`;
}
