import type { NameContract, NodeContract } from "../../model/contract";
import type { ListedContract, NodeAnswers } from "./list-contracts";

/**
 * Why nothing seems to need a contract any more; undefined when something does, or when that cannot be told. A contract that is
 * just being made or replaced may look like one.
 *
 * @param all every contract of the account
 * @param answers what nodes say; undefined when they were not asked
 */
export function orphanReason(
  listed: ListedContract,
  all: readonly ListedContract[],
  answers: NodeAnswers | undefined,
): string | undefined {
  const { contract } = listed;
  if (contract.kind === "rent") return undefined;
  if (contract.kind === "name") return unusedName(contract, all, answers);
  const younger = youngerOf(listed, all);
  if (younger !== undefined) return `contract ${younger} was made later for the same object`;
  return unknownToNode(contract, answers);
}

/** Contracts of a mesh share one role, and each is about its own node. */
function youngerOf({ contract, stamp }: ListedContract, all: readonly ListedContract[]): number | undefined {
  if (!stamp || contract.kind !== "node") return undefined;
  const isMesh = stamp.role.startsWith("network/");
  return all.find(
    (other) =>
      other.contract.kind === "node" &&
      other.contract.contractId > contract.contractId &&
      other.stamp?.lineage === stamp.lineage &&
      other.stamp.role === stamp.role &&
      (!isMesh || other.contract.nodeId === contract.nodeId),
  )?.contract.contractId;
}

function unknownToNode({ contractId, nodeId }: NodeContract, answers: NodeAnswers | undefined): string | undefined {
  const known = answers?.get(nodeId);
  if (!known || known.some((deployment) => deployment.contractId === contractId)) return undefined;
  return `node ${nodeId} knows nothing of it`;
}

/** Only gateways use names, and only their nodes tell which. */
function unusedName(
  { name }: NameContract,
  all: readonly ListedContract[],
  answers: NodeAnswers | undefined,
): string | undefined {
  if (all.every(({ contract }) => contract.kind !== "node")) return "no gateway uses the name";
  const said = [...(answers?.values() ?? [undefined])];
  const isUsed = said.some(
    (deployments) =>
      deployments === undefined ||
      deployments.some(({ workloads }) =>
        workloads.some(({ type, data }) => type === "gateway-name-proxy" && data.name === name),
      ),
  );
  return isUsed ? undefined : "no gateway uses the name";
}
