import { GridError } from "../core/errors";
import { type ObjectValue, valuesEqual } from "./schema/value";

/** An object that claims an identity. */
export interface Claimant {
  /** Tells what stands from everything else: contract and token. Undefined for an object that is to be made. */
  readonly standing: string | undefined;
  /** Its configuration. */
  readonly config: ObjectValue;
  /** Whether Terraform kept something of an object that stands: of one that is new there is nothing. */
  readonly isRemembered: boolean;
}

/**
 * What the objects of one walk lay claim to: identities, addresses. Every object is planned before it is applied, so two
 * that want the same thing are found out while nothing has been made yet.
 */
export class Claims {
  readonly #holders = new Map<string, string>();
  readonly #claimants = new Map<string, Claimant[]>();

  /** Takes something for a holder. Gives the other one when somebody else already has it. */
  take(thing: string, holder: string): string | undefined {
    const earlier = this.#holders.get(thing);
    if (earlier === undefined) this.#holders.set(thing, holder);
    return earlier === holder ? undefined : earlier;
  }

  /** Takes an identity for an object of a project. @throws {GridError} TFG_DUPLICATE_IDENTITY */
  takeIdentity(owner: { readonly scope: string; readonly role: string }, claimant: Claimant): void {
    const key = JSON.stringify([owner.scope, owner.role]);
    const earlier = this.#claimants.get(key) ?? [];
    if (!earlier.every((each) => mayBeOne(each, claimant))) throw duplicateIdentity(owner);
    this.#claimants.set(key, [...earlier, claimant]);
  }
}

/**
 * Whether two claims may come from one object. What stands is planned several times; and an object whose replacement the
 * user forces is planned twice, once standing and once as new: then Terraform hands over what was kept of the old one.
 */
function mayBeOne(a: Claimant, b: Claimant): boolean {
  if (a.standing !== undefined && b.standing !== undefined) return a.standing === b.standing;
  const created = a.standing === undefined ? a : b;
  return a.standing !== b.standing && created.isRemembered && valuesEqual(a.config, b.config);
}

function duplicateIdentity({ scope, role }: { readonly scope: string; readonly role: string }): GridError {
  return new GridError({
    code: "TFG_DUPLICATE_IDENTITY",
    summary: `Two objects of project "${scope}" have the identity "${role}".`,
    facts: { identity: role },
    standing: "Nothing was made for either of them.",
    remedy: "give one of them another `identity` (or another name, from which the identity is taken at creation).",
    attribute: ["identity"],
  });
}
