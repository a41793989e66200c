import type { KeyDerivation } from "../../../model/key-derivation";
import { Attributes } from "../../schema/attributes";
import type { ObjectValue } from "../../schema/value";
import { accessKeys } from "./keys";
import { type AccessState, accessOf } from "./mesh-state";

/** Somebody who dials a member, as that member's node knows them. */
export interface Dialling {
  readonly publicKey: string;
  readonly subnet: string;
  /** The member that is dialled. */
  readonly nodeId: number;
}

/** Users' machines as an import finds them: nodes know their keys and not their names, so the keys stand in for those. */
export function guestsOf(dialling: readonly Dialling[]): ObjectValue {
  return pointsOf(dialling.map((each) => ({ ...each, name: each.publicKey })));
}

/**
 * The state with users' machines under the names that the configuration gives them: which is which shows in their keys,
 * as these are derived from the names. So they keep the addresses that their owners have written down.
 */
export function withGuestsNamed(state: ObjectValue, values: ObjectValue, keys: KeyDerivation): ObjectValue {
  const access = accessOf(state);
  if (!access.some(({ name, publicKey }) => name === publicKey)) return state;
  const identity = new Attributes(state).requireText("identity");
  const wanted = new Attributes(values).texts("access");
  const names = new Map(wanted.map((name) => [accessKeys(keys, identity, name).publicKey, name]));
  const named = access.map((point) => ({ ...point, name: names.get(point.name) ?? point.name }));
  return { ...state, access_points: pointsOf(named) };
}

function pointsOf(access: readonly AccessState[]): ObjectValue {
  return Object.fromEntries(
    access.map(({ name, subnet, publicKey, nodeId }) => [
      name,
      { subnet, public_key: publicKey, node_id: nodeId ?? null },
    ]),
  );
}
