// Keep this first: it must run before any library has a chance to print.
import "./server/process/stdout-guard";
import { messageOf } from "../core/errors";
import { PROVIDER_SOURCE } from "../core/provider-source";
import { defineProvider } from "./definition";
import { stderrLog, writeStderr } from "./server/process/stderr-log";
import { isStartedByTerraform, serveDebug, serveTerraform } from "./server/serve";

async function main(): Promise<void> {
  const definition = defineProvider({ env: process.env, log: stderrLog });
  if (isStartedByTerraform(process.env)) return serveTerraform(definition, process.env);
  if (!process.argv.includes("--debug")) {
    writeStderr(
      "This is the ThreeFold provider of Terraform. It is not run by hand: `cdktf deploy`, `terraform` and `tofu` start " +
        "it themselves. With --debug it waits for them and prints what they need to find it.",
    );
    process.exit(1);
  }
  writeStderr(await serveDebug(definition, PROVIDER_SOURCE));
}

main().catch((error: unknown) => {
  writeStderr(messageOf(error));
  process.exit(1);
});
