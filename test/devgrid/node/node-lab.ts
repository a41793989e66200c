import { Secret } from "../../../lib/core/secret";
import { createDefaultPark } from "../../../lib/devgrid/node/default-park";
import { DevgridNode, type DevgridNodeOptions } from "../../../lib/devgrid/node/devgrid-node";
import type { NodeContract } from "../../../lib/model/contract";
import { type Deployment, deploymentHash, parseDeployment } from "../../../lib/model/deployment";
import { createKeyPair, type KeyPair } from "../../../lib/model/key-pair";
import { signDeployment, signedByOwner } from "../../../lib/model/signature-requirement";
import { nodeContract, PlainLedger } from "../../support/plain-ledger";
import { StepClock } from "./step-clock";

/** A workload as a test writes it; versions start at 0. */
export interface LabWorkload {
  readonly name: string;
  readonly type: string;
  readonly data: unknown;
  readonly version?: number;
}

/** What a node answered about a workload. */
export interface Answer {
  readonly name: string;
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
  readonly result: {
    readonly state: string;
    readonly message: string;
    readonly data: unknown;
    readonly created: number;
  };
}

/** A node of the default park on a ledger of plain data, and a verified user, twin 7. */
export class NodeLab {
  readonly node: DevgridNode;
  readonly ledger: PlainLedger;
  readonly clock: StepClock;

  private constructor(
    private readonly options: DevgridNodeOptions & { readonly ledger: PlainLedger; readonly clock: StepClock },
    private readonly user: KeyPair,
    /** Twins that passed the identity check. */
    readonly verified: Set<number>,
    /** Twins that the node asked about, in order. */
    readonly kycQuestions: readonly number[],
  ) {
    this.node = new DevgridNode(options);
    this.ledger = options.ledger;
    this.clock = options.clock;
  }

  /** Node 1 of the default park (full, gateway) unless another number is given. */
  static async create(nodeId = 1, rest: Partial<DevgridNodeOptions> = {}): Promise<NodeLab> {
    const user = await createKeyPair(new Secret("//Alice"), "sr25519");
    const parkNode = (await createDefaultPark("lab")).nodes[nodeId - 1];
    if (!parkNode) throw new Error(`the park has no node ${nodeId}`);
    const verified = new Set([7, 8]);
    const questions: number[] = [];
    const options = {
      nodeId,
      twinId: 100 + nodeId,
      keys: parkNode.seed.keys,
      hardware: parkNode.hardware,
      kyc: async (twinId: number) => {
        questions.push(twinId);
        return verified.has(twinId);
      },
      ...rest,
      ledger: new PlainLedger(),
      clock: new StepClock(),
    };
    for (const twinId of [7, 8, 9]) {
      options.ledger.twins.push({ twinId, accountId: user.publicKey, relay: undefined, encryptionKey: undefined });
    }
    return new NodeLab(options, user, verified, questions);
  }

  /** The account of the node. */
  get keys(): KeyPair {
    return this.options.keys;
  }

  /** Another node with the same options, as after a crash of the process. */
  anotherNode(): DevgridNode {
    return new DevgridNode(this.options);
  }

  /** A signed deployment of twin 7. */
  deployment(contractId: number, workloads: readonly LabWorkload[], rest: Partial<Deployment> = {}): Deployment {
    const twinId = rest.twin_id ?? 7;
    const draft = parseDeployment({
      version: 0,
      twin_id: twinId,
      contract_id: contractId,
      metadata: "",
      description: "",
      expiration: 0,
      signature_requirement: signedByOwner(twinId),
      workloads: workloads.map((workload) => ({ version: 0, metadata: "", description: "", ...workload })),
      ...rest,
    });
    return signDeployment(draft, twinId, this.user);
  }

  /** Makes or updates the contract on the chain so that it carries the deployment's hash. */
  register(deployment: Deployment, rest: Partial<NodeContract> = {}): void {
    const contractId = deployment.contract_id;
    const older = this.ledger.contracts.find((contract) => contract.contractId === contractId);
    this.ledger.contracts = this.ledger.contracts.filter((contract) => contract !== older);
    this.ledger.contracts.push({
      ...nodeContract(contractId, this.options.nodeId),
      ...(older?.kind === "node" ? older : {}),
      twinId: deployment.twin_id,
      deploymentHash: deploymentHash(deployment),
      ...rest,
    });
  }

  /** Sends a registered deployment and waits until the node has nothing left to do. */
  async deploy(contractId: number, workloads: readonly LabWorkload[], rest: Partial<NodeContract> = {}): Promise<void> {
    const deployment = this.deployment(contractId, workloads);
    this.register(deployment, rest);
    await this.send("deploy", deployment);
    await this.node.idle();
  }

  /** Sends a registered new version and waits until the node has nothing left to do. */
  async update(contractId: number, version: number, workloads: readonly LabWorkload[]): Promise<void> {
    const deployment = this.deployment(contractId, workloads, { version });
    this.register(deployment);
    await this.send("update", deployment);
    await this.node.idle();
  }

  /** Sends a deployment as it is. */
  async send(command: "deploy" | "update", deployment: unknown, twinId = 7): Promise<unknown> {
    return this.node.handle(twinId, `zos.deployment.${command}`, deployment);
  }

  /** The node's refusal of a deployment. */
  async refusal(command: "deploy" | "update", deployment: unknown, twinId = 7): Promise<string> {
    return this.send(command, deployment, twinId).then(
      () => "accepted",
      (error: Error) => error.message,
    );
  }

  /** The deployment as the node shows it. */
  async get(contractId: number): Promise<{ version: number; workloads: Answer[] } & Record<string, unknown>> {
    return this.node.handle(7, "zos.deployment.get", { contract_id: contractId }) as ReturnType<NodeLab["get"]>;
  }

  /** The whole history. */
  async changes(contractId: number): Promise<Answer[]> {
    return this.node.handle(7, "zos.deployment.changes", { contract_id: contractId }) as Promise<Answer[]>;
  }

  /** `name state` of the history, `@version` added. */
  async history(contractId: number): Promise<string[]> {
    return (await this.changes(contractId)).map(({ name, version, result }) => `${name}@${version} ${result.state}`);
  }

  /** The last result of a workload, removed or not. */
  async last(contractId: number, name: string): Promise<Answer["result"]> {
    const entry = (await this.changes(contractId)).findLast((change) => change.name === name);
    if (!entry) throw new Error(`no entry of ${name}`);
    return entry.result;
  }
}

/** A disk. */
export function zmount(name: string, size: number, version = 0): LabWorkload {
  return { name, type: "zmount", version, data: { size } };
}

/** A key-value namespace. */
export function zdb(name: string, size: number, rest: Record<string, unknown> = {}, version = 0): LabWorkload {
  return { name, type: "zdb", version, data: { size, mode: "seq", password: "", public: false, ...rest } };
}

/** The network `net` on 10.20.2.0/24. */
export function network(rest: Record<string, unknown> = {}, version = 0, name = "net"): LabWorkload {
  const data = {
    ip_range: "10.20.0.0/16",
    subnet: "10.20.2.0/24",
    wireguard_private_key: "BRAbJjE8R1JdaHN+iZSfqrXAy9bh7PcCDRgjLjlET1o=",
    wireguard_listen_port: 6835,
    peers: [],
    mycelium: { hex_key: "11".repeat(32), peers: [] },
    ...rest,
  };
  return { name, type: "network", version, data };
}

/** The same for light nodes. */
export function networkLight(rest: Record<string, unknown> = {}): LabWorkload {
  return { ...network(rest), type: "network-light" };
}

/** A machine of 1 core, 1 GiB on the network `net`. `net` changes its network part, `rest` the whole. */
export function zmachine(
  name: string,
  rest: Record<string, unknown> = {},
  net: Record<string, unknown> = {},
  version = 0,
): LabWorkload {
  const data = {
    flist: "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist",
    network: { public_ip: "", planetary: false, interfaces: [{ network: "net", ip: "10.20.2.2" }], ...net },
    size: 0,
    compute_capacity: { cpu: 1, memory: 1024 ** 3 },
    mounts: [],
    entrypoint: "/sbin/zinit init",
    env: { SSH_KEY: "ssh-ed25519 AAAA" },
    corex: false,
    ...rest,
  };
  return { name, type: "zmachine", version, data };
}

/** A name gateway. */
export function gatewayName(name: string, label: string, rest: Record<string, unknown> = {}): LabWorkload {
  const data = { name: label, tls_passthrough: false, backends: ["http://10.20.2.2:8080"], ...rest };
  return { name, type: "gateway-name-proxy", data };
}
