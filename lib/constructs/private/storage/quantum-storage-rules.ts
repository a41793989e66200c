import { Token } from "cdktf";
import type { GridError } from "../../../core/errors";
import type { QuantumStorageProps } from "../../quantum-storage";
import { flag, number, optional, placement, record, size, text } from "../kinds";
import { checkPlainCount } from "../plain-count";
import { badValue, checkIdentity, checkName, checkRange, type Rule } from "../problems";

/** What the properties of a storage are made of. */
export const quantumStorageKind = record<QuantumStorageProps>({
  size,
  expectedShards: number,
  minimalShards: optional(number),
  backends: optional(number),
  groups: optional(number),
  redundantGroups: optional(number),
  redundantNodes: optional(number),
  metadataSize: optional(size),
  cache: optional(size),
  maxZdbDataDirSize: optional(size),
  keyVersion: optional(number),
  passwordVersion: optional(number),
  placement: optional(placement),
  allowDataLoss: optional(flag),
  name: optional(text),
  identity: optional(text),
});

/** Most stores for data, as in every pool. */
const MAX_BACKENDS = 256;

const STORE_SIZE = { min: 1, max: 10_240, unit: "GiB" };
const VERSIONS = { min: 1, max: 1_000_000 };

/** What the properties of a storage must fulfil. */
export const quantumStorageRules: readonly Rule<QuantumStorageProps>[] = [
  checkName,
  checkIdentity,
  checkCounts,
  checkRedundancy,
  ({ placement: where }) => (where?.isExplicit ? [oneNode()] : []),
  (props) => checkRange(props.size.toGib(), ["size"], STORE_SIZE),
  (props) => checkRange(props.metadataSize?.toGib(), ["metadataSize"], STORE_SIZE),
  ({ cache }) => checkRange(cache?.toGib(), ["cache"], STORE_SIZE),
  ({ maxZdbDataDirSize: most }) =>
    checkRange(most?.toMib(), ["maxZdbDataDirSize"], { min: 32, max: 1_048_576, unit: "MiB" }),
  ({ keyVersion }) => checkRange(keyVersion, ["keyVersion"], VERSIONS),
  ({ passwordVersion }) => checkRange(passwordVersion, ["passwordVersion"], VERSIONS),
];

/** Stores for data: as many as pieces, unless it is said. */
export function backendCount({ backends, expectedShards }: QuantumStorageProps): number {
  return backends ?? expectedShards;
}

/** Pieces needed to read an object. */
export function leastShards({ minimalShards, expectedShards }: QuantumStorageProps): number {
  return minimalShards ?? Math.ceil((expectedShards * 3) / 5);
}

/** They decide how many stores there are, or are measured by it. */
function checkCounts(props: QuantumStorageProps): readonly GridError[] {
  const { expectedShards, minimalShards, backends, groups } = props;
  const problems = [
    ...checkPlainCount(backends, ["backends"], { min: 1, max: MAX_BACKENDS }),
    ...checkPlainCount(expectedShards, ["expectedShards"], { min: 1, max: MAX_BACKENDS }),
    ...checkPlainCount(groups, ["groups"], { min: 1, max: MAX_BACKENDS }),
  ];
  if (problems.length > 0) return problems;
  const count = backendCount(props);
  return [
    ...checkAtMost(expectedShards, "expectedShards", `${count}, the number of backends`, count),
    ...checkAtMost(groups, "groups", `${count}, the number of backends`, count),
    ...checkAtMost(minimalShards, "minimalShards", `${expectedShards}, the expectedShards`, expectedShards),
  ];
}

function checkAtMost(value: number | undefined, attribute: string, bound: string, max: number): readonly GridError[] {
  if (value === undefined || Token.isUnresolved(value)) return [];
  if (Number.isInteger(value) && value >= 1 && value <= max) return [];
  return [badValue({ attribute: [attribute], given: value, allowed: `a whole number from 1 to ${bound}` })];
}

/** Something has to be left. */
function checkRedundancy(props: QuantumStorageProps): readonly GridError[] {
  const { groups = 1, redundantGroups, redundantNodes } = props;
  const smallest = Math.floor(backendCount(props) / groups);
  if (!(smallest >= 1)) return [];
  return [
    ...checkRange(redundantGroups, ["redundantGroups"], { min: 0, max: groups - 1 }),
    ...checkRange(redundantNodes, ["redundantNodes"], { min: 0, max: smallest - 1 }),
  ];
}

function oneNode(): GridError {
  return badValue({
    attribute: ["placement"],
    what: "names one node",
    allowed: "a placement that leaves a node for each store",
    remedy: "use Placement.where.",
  });
}
