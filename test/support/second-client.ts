/** Another client of the same account, which knows nothing of stamps: a dashboard, a script. */
import { Secret } from "../../lib/core/secret";
import type { Devgrid } from "../../lib/devgrid/devgrid";
import type { GridClients } from "../../lib/grid/clients";
import { connect } from "../../lib/grid/connect";
import { type Deployment, deploymentHash, parseDeployment } from "../../lib/model/deployment";
import { createKeyPair, type KeyType } from "../../lib/model/key-pair";
import { signDeployment } from "../../lib/model/signature-requirement";
import type { AnyWorkload } from "../../lib/model/workloads/workload";

/** What it writes beside workloads; what is there by default. */
export interface Texts {
  /** Public text of the contract. */
  readonly onContract?: string;
  /** Metadata of the deployment. */
  readonly metadata?: string;
  /** Description of the deployment. */
  readonly description?: string;
}

/** What it can do to a grid. */
export interface SecondClient {
  readonly clients: GridClients;
  /** Ends a contract. */
  cancel(contractId: number): Promise<void>;
  /** Changes the workloads of a deployment, each changed one at the next version. */
  update(contractId: number, change: (workload: AnyWorkload) => AnyWorkload, texts?: Texts): Promise<void>;
  /** Writes the public text of a contract anew, as clients do that keep their own notes there. */
  rewrite(contractId: number, text: string): Promise<void>;
  close(): Promise<void>;
}

/** Connects it. @param secret of another account, to be a stranger */
export async function secondClient(
  grid: Devgrid,
  secret = grid.describe().mnemonic,
  keyType: KeyType = "sr25519",
): Promise<SecondClient> {
  const { chain, relay, directory } = grid.describe();
  const account = await createKeyPair(new Secret(secret), keyType);
  const clients = connect({ endpoints: { chain: [chain], relay: [relay], directory: [directory] }, account });
  return {
    clients,
    cancel: async (contractId) => {
      await (await clients.chain()).submit([{ kind: "cancelContract", contractId }]);
    },
    rewrite: async (contractId, text) => {
      const chainClient = await clients.chain();
      const contract = await chainClient.getContract(contractId);
      if (contract?.kind !== "node") throw new Error(`there is no node contract ${contractId}`);
      const { deploymentHash: hash } = contract;
      await chainClient.submit([
        { kind: "updateNodeContract", contractId, deploymentHash: hash, deploymentData: text },
      ]);
    },
    update: async (contractId, change, texts = {}) => {
      const chainClient = await clients.chain();
      const nodes = await clients.nodes();
      const contract = await chainClient.getContract(contractId);
      if (contract?.kind !== "node") throw new Error(`there is no node contract ${contractId}`);
      const twinId = grid.chain.getNode(contract.nodeId)?.twinId ?? 0;
      const current = parseDeployment(await nodes.call(twinId, "zos.deployment.get", { contract_id: contractId }));
      const next = { ...nextVersion(current, contract.twinId, change), ...textsOf(current, texts) };
      const [updated] = await chainClient.submit([
        {
          kind: "updateNodeContract",
          contractId,
          deploymentHash: deploymentHash(next),
          deploymentData: texts.onContract ?? contract.deploymentData,
        },
      ]);
      await updated?.finalized;
      await nodes.call(twinId, "zos.deployment.update", signDeployment(next, contract.twinId, account));
      await grid.nodes.get(contract.nodeId)?.idle();
    },
    close: () => clients.close(),
  };
}

function textsOf(current: Deployment, { metadata, description }: Texts): Pick<Deployment, "metadata" | "description"> {
  return { metadata: metadata ?? current.metadata, description: description ?? current.description };
}

function nextVersion(current: Deployment, twinId: number, change: (workload: AnyWorkload) => AnyWorkload): Deployment {
  const version = current.version + 1;
  return {
    ...current,
    version,
    signature_requirement: {
      requests: [{ twin_id: twinId, required: false, weight: 1 }],
      weight_required: 1,
      signatures: [],
      signature_style: "",
    },
    workloads: current.workloads.map((workload) => {
      const changed = change(workload);
      return changed === workload ? workload : { ...changed, version };
    }),
  };
}
