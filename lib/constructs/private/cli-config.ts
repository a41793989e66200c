import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { PROVIDER_SOURCE } from "../../core/provider-source";

/** Lets Terraform look beside the stack, and nowhere else, for this one provider. */
const remedy = `  filesystem_mirror {
    path    = "terraform.d/plugins"
    include = ["${PROVIDER_SOURCE}"]
  }
  direct {
    exclude = ["${PROVIDER_SOURCE}"]
  }`;

/**
 * A warning when the user's Terraform settings say where providers come from: such a block switches the implied local
 * mirror off, and with it the install-free provider. Undefined when there is nothing to say.
 *
 * @source hashicorp/terraform internal/command/cliconfig
 */
export function cliConfigWarning(environment: NodeJS.ProcessEnv): string | undefined {
  const path = configFiles(environment).find((candidate) => hasInstallationBlock(readSettings(candidate)));
  if (!path) return undefined;
  return `${path} has a provider_installation block, which keeps Terraform from finding the provider beside the stack. Add to the block:
${remedy}`;
}

/** Where Terraform and OpenTofu look; a variable that is set replaces the files in the home directory. */
function configFiles(environment: NodeJS.ProcessEnv): readonly string[] {
  const named = environment.TF_CLI_CONFIG_FILE || environment.TERRAFORM_CONFIG;
  if (named) return [named];
  const home = environment.HOME || homedir();
  return [join(home, ".terraformrc"), join(home, ".tofurc")];
}

function readSettings(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Most users have no such file, and a variable may name one that is not there: Terraform goes on without it too.
    return "";
  }
}

/** In HCL or JSON, outside comments, and not speaking of our provider already. */
function hasInstallationBlock(settings: string): boolean {
  const code = settings.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*(#|\/\/).*$/gm, "");
  return /(^|[\s{,"])provider_installation"?\s*[:{]/.test(code) && !code.includes("cdktf-threefold/");
}
