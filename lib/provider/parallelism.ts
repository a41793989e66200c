/** How many objects Terraform works on at a time unless it is told. @source hashicorp/terraform internal/command, DefaultParallelism */
export const TERRAFORM_PARALLELISM = 10;

/**
 * How many objects Terraform may work on at a time under `threefold deploy`, and what users are advised. Objects that begin
 * together wait for the same blocks; so many fit into one transaction of the chain, and messages to nodes have a limit of
 * their own. One more costs the provider some 10 kB while it waits.
 */
export const RAISED_PARALLELISM = 256;

/** The variable from which cdktf takes the number for Terraform. @source cdktf-cli 0.21 src/bin/cdktf.ts, `.env("CDKTF")` */
export const PARALLELISM_VARIABLE = "CDKTF_TERRAFORM_PARALLELISM";

/** A command of Terraform that works on objects. */
export type TerraformCommand = "apply" | "destroy" | "plan";

/** Whether the environment says how many objects the given commands of Terraform work on at a time. */
export function isParallelismChosen(env: NodeJS.ProcessEnv, commands: readonly TerraformCommand[]): boolean {
  const ofTerraform = ["TF_CLI_ARGS", ...commands.map((command) => `TF_CLI_ARGS_${command}`)];
  return !!env[PARALLELISM_VARIABLE] || ofTerraform.some((name) => /(^|\s)--?parallelism\b/.test(env[name] ?? ""));
}
