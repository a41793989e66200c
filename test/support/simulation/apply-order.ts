import type { PlannedChange } from "../rpc-driver";
import type { Edge, Edges } from "./in-order";

/** What a plan does to an object. */
export type PlannedAction = PlannedChange["action"] | "destroy";

/** What is to become of an object. */
export interface Change {
  readonly address: string;
  readonly type: string;
  readonly action: PlannedAction;
  readonly planned: PlannedChange | undefined;
  readonly isCreatedFirst: boolean;
}

const ends = ({ action }: Change) => action === "destroy" || action === "replace";

/**
 * The steps of an apply, `make` and `end` with an address: what goes is ended before what it depends on, and before what is
 * made in its place; with create_before_destroy it is the other way round.
 *
 * @param links `dependsOn`: by the configuration that is applied or by what is in state; `refersTo`: by the former alone
 * @source hashicorp/terraform internal/terraform, transform_destroy_edge.go
 */
export function applyOrder(
  changes: readonly Change[],
  { dependsOn, refersTo }: Readonly<Record<"dependsOn" | "refersTo", (address: string, other: string) => boolean>>,
): { readonly steps: readonly string[]; readonly edges: Edges } {
  const changing = changes.filter(({ action }) => action !== "no-op");
  const made = changing.filter(({ action }) => action !== "destroy");
  const steps: string[] = [];
  const edges: Edge[] = [];
  for (const change of changing) {
    const { address, action, isCreatedFirst } = change;
    const dependants = changing.filter((other) => dependsOn(other.address, address));
    if (action !== "destroy") {
      const needed = made.filter((other) => refersTo(address, other.address));
      const leaving = [change, ...dependants].filter((each) => ends(each) && !each.isCreatedFirst);
      steps.push(`make ${address}`);
      edges.push([
        `make ${address}`,
        [...needed.map((each) => `make ${each.address}`), ...leaving.map((each) => `end ${each.address}`)],
      ]);
    }
    if (ends(change)) {
      const before = dependants.filter(ends).map((each) => `end ${each.address}`);
      const after = isCreatedFirst ? [change, ...dependants.filter((each) => made.includes(each))] : [];
      steps.push(`end ${address}`);
      edges.push([`end ${address}`, [...before, ...after.map((each) => `make ${each.address}`)]]);
    }
  }
  return { steps, edges };
}
