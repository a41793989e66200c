/** Lineages of projects, as the stamps on living contracts tell of them. */
import { GridError, hasCode, messageOf } from "../../../core/errors";
import { listContracts } from "../../../engine/contracts/list-contracts";
import type { CallContext } from "../../resource";

/** The name under which a lineage began. */
export function scopeOf(lineage: string): string {
  return lineage.slice(0, lineage.lastIndexOf("."));
}

/** A state that was lost, or another state, has live contracts under the same name: going on would double them. */
export async function refuseTakenName(scope: string, context: CallContext): Promise<void> {
  // The one with most to lose first: the other is found when it has been adopted.
  const living = [...(await liveLineages(scope, context))].sort(([, a], [, b]) => b.length - a.length);
  const [taken, ...others] = living;
  if (!taken) return;
  const [lineage, contracts] = taken;
  const also = others.map(([other, its]) => `${other}, contracts ${its.join(", ")}`).join("; ");
  throw new GridError({
    code: "TFG_PROJECT_TAKEN",
    summary: `Another state owns a project "${scope}" of this account.`,
    facts: { lineage, contracts: contracts.join(", "), "another one": also || undefined },
    standing: `Nothing was made. ${also ? "All of these" : `Its ${contracts.length}`} contract(s) go on billing.`,
    remedy: `set adopt = "${lineage}" if that state is lost and this one takes over, or use another project name.`,
    attribute: ["name"],
  });
}

/** A lineage that nothing carries, while something of the same name carries another one, is a slip of the pen. */
export async function refuseOtherLineage(adopted: string, context: CallContext): Promise<void> {
  const living = await liveLineages(scopeOf(adopted), context);
  if (living.size === 0 || living.has(adopted)) return;
  throw new GridError({
    code: "TFG_PROJECT_TAKEN",
    summary: `No contract of this account belongs to the project "${adopted}" that is to be adopted.`,
    facts: Object.fromEntries(
      [...living].map(([lineage, contracts]) => [lineage, `contracts ${contracts.join(", ")}`]),
    ),
    standing: "Nothing was made. The contracts named go on billing.",
    remedy: "give one of the lineages named, exactly as it stands there.",
    attribute: ["adopt"],
  });
}

/** Lineages with live contracts that began under a name, and those contracts. */
async function liveLineages(scope: string, context: CallContext): Promise<ReadonlyMap<string, readonly number[]>> {
  const engine = await context.session.engine(context);
  await engine.chain.settleEarlier(context.signal);
  const lineages = new Map<string, number[]>();
  for (const { contract, stamp } of await listContracts(engine)) {
    if (stamp === undefined || scopeOf(stamp.lineage) !== scope) continue;
    lineages.set(stamp.lineage, [...(lineages.get(stamp.lineage) ?? []), contract.contractId]);
  }
  return lineages;
}

/**
 * A project goes last: what still carries its lineage was made by a run whose state was lost.
 *
 * @throws {GridError} TFG_PROJECT_IN_USE: it has to stay in state, or nobody would find these contracts again
 */
export async function requireNothingLeft(
  project: { readonly id: string; readonly scope: string },
  context: CallContext,
): Promise<void> {
  const left = await livingContracts(project, context);
  if (left.length === 0) return;
  throw new GridError({
    code: "TFG_PROJECT_IN_USE",
    summary: `${left.length} contract(s) of project "${project.scope}" stand that are not in this state.`,
    facts: { lineage: project.id, contracts: left.join(", ") },
    standing: "They go on billing; everything that was in the state has ended.",
    remedy:
      "apply the configuration that made them, which finds them again, and destroy that. If they are to live on without Terraform, take the project out with `terraform state rm`.",
  });
}

/** A destroy needs the chain only: without the directory what is left cannot be listed, and that is said. */
async function livingContracts(
  project: { readonly id: string; readonly scope: string },
  context: CallContext,
): Promise<readonly number[]> {
  try {
    return (await liveLineages(project.scope, context)).get(project.id) ?? [];
  } catch (error) {
    if (!hasCode(error, "TFG_DIRECTORY_UNREACHABLE")) throw error;
    context.warn(
      `project ${project.scope}: what else carries its lineage was not looked up`,
      `${messageOf(error)}\nContracts of runs that were lost would go on billing: \`threefold_contracts\` lists them once the directory answers. The lineage is ${project.id}.`,
    );
    return [];
  }
}
