import { deploymentHash, parseDeployment } from "../model/deployment";
import type { KeyPair } from "../model/key-pair";
import { signDeployment, signedByOwner } from "../model/signature-requirement";
import type { DevgridChain } from "./chain/devgrid-chain";
import { createUserKeys } from "./chain/genesis";
import type { DevgridNode } from "./node/devgrid-node";

/** What becomes of a deployment; what is left out stays. */
export interface Alteration {
  /** Members of a workload's data that get another value, by its name; null takes the workload out. */
  readonly workloads: ReadonlyMap<string, Readonly<Record<string, unknown>> | null>;
  readonly metadata: string | undefined;
  readonly description: string | undefined;
  /** Public text of the contract. */
  readonly onContract: string | undefined;
}

/** The grid it stands on. */
interface Grid {
  readonly chain: DevgridChain;
  readonly nodes: ReadonlyMap<number, DevgridNode>;
}

/** A deployment as a node tells of it. */
interface Told {
  readonly version: number;
  readonly metadata: string;
  readonly description: string;
  readonly workloads: readonly { readonly name: string; readonly data: object }[];
}

/**
 * Changes a deployment as another client of its owner does, which knows nothing of what the texts mean: first the
 * contract, then the node, properly signed. Resolves when the node is done.
 *
 * @throws when there is no such contract, its owner's key is not public, or chain or node refuse the change
 */
export async function alterDeployment(grid: Grid, contractId: number, alteration: Alteration): Promise<void> {
  const contract = grid.chain.getContract(contractId);
  const node = contract?.kind === "node" ? grid.nodes.get(contract.nodeId) : undefined;
  if (contract?.kind !== "node" || !node) throw new Error(`there is no live node contract ${contractId}`);
  const { twinId } = contract;
  const keys = await requireKeys(grid.chain, twinId);
  const told = (await node.handle(twinId, "zos.deployment.get", { contract_id: contractId })) as Told;
  const next = parseDeployment({ ...altered(told, alteration), signature_requirement: signedByOwner(twinId) });
  const text = alteration.onContract ?? contract.deploymentData;
  grid.chain.updateContract(contractId, { hash: deploymentHash(next), text });
  await node.handle(twinId, "zos.deployment.update", signDeployment(next, twinId, keys));
  await node.idle();
}

function altered(told: Told, { workloads, metadata, description }: Alteration): Told {
  const strange = [...workloads.keys()].find((name) => !told.workloads.some((workload) => workload.name === name));
  if (strange !== undefined) throw new Error(`there is no workload ${strange} in it`);
  const version = told.version + 1;
  return {
    ...told,
    version,
    metadata: metadata ?? told.metadata,
    description: description ?? told.description,
    workloads: told.workloads.flatMap((workload) => {
      const change = workloads.get(workload.name);
      if (change === null) return [];
      return change === undefined ? [workload] : [{ ...workload, version, data: { ...workload.data, ...change } }];
    }),
  };
}

/** Keys of the accounts that every devgrid has are no secret. */
async function requireKeys(chain: DevgridChain, twinId: number): Promise<KeyPair> {
  const account = Buffer.from(chain.getTwin(twinId)?.accountId ?? []);
  const keys = (await createUserKeys()).find(({ publicKey }) => account.equals(publicKey));
  if (!keys) throw new Error(`twin ${twinId} is none of the accounts that a devgrid starts with`);
  return keys;
}
