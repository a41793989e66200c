import { TerraformStack, Token } from "cdktf";
import type { GridStackProps } from "../grid-stack";

const OWNED = Symbol.for("cdktf-threefold/ownedProject");

/**
 * Refuses two stacks of one program that would own the same project of the same account: their states would each take the
 * other's contracts for strangers, and the second deployment would fail half way.
 */
export function checkProjectIsOwn(stack: TerraformStack, props: GridStackProps): void {
  const { project, network, keyType, mnemonicFile } = props;
  if (Token.isUnresolved(project)) return;
  const owned = JSON.stringify([project, network, keyType, mnemonicFile]);
  Object.defineProperty(stack, OWNED, { value: owned, enumerable: false });
  stack.node.addValidation({
    validate: () => {
      const all = stack.node.root.node.findAll().filter((node) => TerraformStack.isStack(node));
      const others = all.filter((other) => other !== stack && ownedBy(other) === owned);
      return others.map(
        ({ node }) =>
          `Two stacks own the project "${project}" on ${network}: ${stack.node.path} and ${node.path}. Each has a state ` +
          "of its own, so each needs a project of its own.",
      );
    },
  });
}

function ownedBy(stack: TerraformStack & { readonly [OWNED]?: string }): string | undefined {
  return stack[OWNED];
}
