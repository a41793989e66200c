/** Another client of the same account, which knows nothing of stamps: a dashboard, a script. */
import { Secret } from "../../lib/core/secret";
import type { Devgrid } from "../../lib/devgrid/devgrid";
import type { GridClients } from "../../lib/grid/clients";
import { connect } from "../../lib/grid/connect";
import { type Deployment, deploymentHash, parseDeployment } from "../../lib/model/deployment";
import { createKeyPair } from "../../lib/model/key-pair";
import { signDeployment } from "../../lib/model/signature-requirement";
import type { AnyWorkload } from "../../lib/model/workloads/workload";

/** What it can do to a grid. */
export interface SecondClient {
  readonly clients: GridClients;
  /** Ends a contract. */
  cancel(contractId: number): Promise<void>;
  /** Changes the workloads of a deployment, each changed one at the next version. */
  update(contractId: number, change: (workload: AnyWorkload) => AnyWorkload): Promise<void>;
  close(): Promise<void>;
}

/** Connects it. @param secret of another account, to be a stranger */
export async function secondClient(grid: Devgrid, secret = grid.describe().mnemonic): Promise<SecondClient> {
  const { chain, relay, directory } = grid.describe();
  const account = await createKeyPair(new Secret(secret), "sr25519");
  const clients = connect({ endpoints: { chain: [chain], relay: [relay], directory: [directory] }, account });
  return {
    clients,
    cancel: async (contractId) => {
      await (await clients.chain()).submit([{ kind: "cancelContract", contractId }]);
    },
    update: async (contractId, change) => {
      const chainClient = await clients.chain();
      const nodes = await clients.nodes();
      const contract = await chainClient.getContract(contractId);
      if (contract?.kind !== "node") throw new Error(`there is no node contract ${contractId}`);
      const twinId = grid.chain.getNode(contract.nodeId)?.twinId ?? 0;
      const current = parseDeployment(await nodes.call(twinId, "zos.deployment.get", { contract_id: contractId }));
      const next = nextVersion(current, contract.twinId, change);
      const [updated] = await chainClient.submit([
        {
          kind: "updateNodeContract",
          contractId,
          deploymentHash: deploymentHash(next),
          deploymentData: contract.deploymentData,
        },
      ]);
      await updated?.finalized;
      await nodes.call(twinId, "zos.deployment.update", signDeployment(next, contract.twinId, account));
      await grid.nodes.get(contract.nodeId)?.idle();
    },
    close: () => clients.close(),
  };
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
