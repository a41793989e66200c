import { join } from "node:path";
import { Annotations, TerraformProvider, type TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import type { RequiredProvider } from "./provider-lock";
import { findProviderPackage, installProviderMirror } from "./provider-package";

/** Puts the provider beside the stack whenever it is written to disk; `Testing.synth` writes nothing and gets nothing. */
export function installProviderOnSynth(stack: TerraformStack): void {
  addCustomSynthesis(stack, {
    onSynthesize: ({ outdir, manifest }) => {
      const stackDir = join(outdir, manifest.forStack(stack).workingDirectory);
      const requiredProviders = requiredBy(stack);
      const warnings = installProviderMirror({ ...findProviderPackage(), stackDir, requiredProviders });
      for (const warning of warnings) Annotations.of(stack).addWarning(warning);
    },
  });
}

function requiredBy(stack: TerraformStack): RequiredProvider[] {
  const providers = stack.node.findAll().filter((node) => TerraformProvider.isTerraformProvider(node));
  return providers.flatMap((provider) => Object.values<RequiredProvider>(requirementsOf(provider)));
}

function requirementsOf(provider: TerraformProvider): Record<string, RequiredProvider> {
  return provider.toTerraform().terraform.required_providers;
}
