import { writeSync } from "node:fs";
import { messageOf } from "../../core/errors";
import type { ProviderDefinition } from "../resource";
import { writeStderr } from "./process/stderr-log";
import { isStartedByTerraform, serveDebug, serveTerraform } from "./serve";

const byHand =
  "This is a Terraform provider. It is not run by hand: `cdktf deploy`, `terraform` and `tofu` start it themselves. " +
  "With --debug it waits for them and prints the variable that leads them here.";

/**
 * Runs a provider as this process: for Terraform, for a debugger (`--debug`), or not at all when started by hand.
 *
 * @param source full address: `registry.terraform.io/cdktf-threefold/threefold`
 */
export function runProvider(definition: ProviderDefinition, source: string): void {
  const isTerraform = isStartedByTerraform(process.env);
  const started = isTerraform ? serveTerraform(definition, process.env) : startByHand(definition, source);
  started.catch((error: unknown) => {
    try {
      // Of a provider that does not start, Terraform shows the first line of stdout and nothing else.
      if (isTerraform) writeSync(1, `${messageOf(error).replace(/\s*\n\s*/g, " ")}\n`);
      else writeStderr(messageOf(error));
    } finally {
      // A Terraform that was killed meanwhile reads nothing, and the write fails, too.
      process.exit(1);
    }
  });
}

async function startByHand(definition: ProviderDefinition, source: string): Promise<void> {
  if (!process.argv.includes("--debug")) {
    writeStderr(byHand);
    process.exit(1);
  }
  writeSync(1, `${await serveDebug(definition, source)}\n`);
}
