import type { Resource } from "../../../lib/provider/resource";
import { breakingChanges } from "./schema-outline";
import { pathOf, readStored, type StoredStates } from "./stored-states";

/** Finds what a version of a resource stored. */
export type FindStored = (typeName: string, version: number) => Pick<StoredStates, "schema"> | undefined;

/** What would leave users with states that this version of a resource cannot read, and what to do about it. */
export function storageProblems(resource: Resource, find: FindStored = readStored): string[] {
  const { typeName, schema, upgrades = {} } = resource;
  const { version } = schema;
  const earlier = Array.from({ length: version }, (_, at) => at);
  const missing = [...earlier, version].flatMap((at) =>
    find(typeName, at) ? [] : [`${pathOf(typeName, at)} is missing: ${at === version ? KEEP : "take it out of git"}.`],
  );
  const gaps = earlier.flatMap((at) =>
    upgrades[at]
      ? []
      : [`${typeName} is at version ${version} and has no upgrade from version ${at}: write upgrades[${at}].`],
  );
  const surplus = Object.keys(upgrades).flatMap((at) =>
    Number(at) < version
      ? []
      : [`${typeName} has upgrades[${at}] and is at version ${version}: raise it to ${Number(at) + 1}.`],
  );
  const changes = breakingChanges(find(typeName, version)?.schema ?? {}, schema.attributes);
  const changed = find(typeName, version) ? changes : [];
  const raise = `set its version to ${version + 1}, write upgrades[${version}], and ${KEEP}`;
  return [
    ...missing,
    ...gaps,
    ...surplus,
    ...changed.map((what) => `${typeName}: ${what}. States of version ${version} do not fit any more: ${raise}.`),
  ];
}

const KEEP = "keep what it stores with STORE_STATES=1 npx jest test/simulation/stored-states";
