import { DefaultTokenResolver, StringConcat, TerraformStack, TerraformVariable, Testing, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";

/** A value as it will stand in the synthesised text. */
export function rendered(scope: IConstruct, value: unknown): unknown {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return Tokenization.resolve(value, { scope, resolver, preparing: false });
}

/** A number that only Terraform knows: `var.<name>`. */
export function later(name: string): number {
  return new TerraformVariable(new TerraformStack(Testing.app(), "variables"), name, { type: "number" }).numberValue;
}
