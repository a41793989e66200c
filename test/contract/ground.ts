import { createHash, randomBytes } from "node:crypto";
import type { ChainClient } from "../../lib/grid/clients";
import type { CallResult, ContractCall } from "../../lib/model/call";
import { becomeTwin, type ChainUnderTest, clientOf, fund, repay, seedOf } from "./accounts";
import { type Pair, pairOf, RawChain } from "./raw-chain";

const GIB = 1024 ** 3;

const roles = ["deployer", "rival", "node-a", "node-b"] as const;
type Role = (typeof roles)[number];

interface GroundParts {
  readonly chain: ChainUnderTest;
  readonly raw: RawChain;
  readonly deployer: ChainClient;
  readonly rival: ChainClient;
  readonly farmId: number;
  readonly nodeIds: readonly [number, number];
}

/**
 * Everything the chain's contract needs to stand on: its own accounts, farm and two nodes, made with ordinary rights
 * on any chain that has the pallets. What can be removed is removed again by `leave`.
 */
export class Ground {
  /** The chain as another client sees it. */
  readonly raw: RawChain;
  /** The farmer's and most contracts' account. */
  readonly deployer: ChainClient;
  /** Somebody else. */
  readonly rival: ChainClient;
  /** The farm, which owns two public IPv4. */
  readonly farmId: number;
  /** Its two nodes. */
  readonly nodeIds: readonly [number, number];
  readonly #chain: ChainUnderTest;
  readonly #made: { readonly client: ChainClient; readonly contractId: number }[] = [];
  readonly #seconds: ChainClient[] = [];
  readonly #newcomers: { readonly client: ChainClient; readonly pair: Pair; readonly isFunded: boolean }[] = [];

  constructor(parts: GroundParts) {
    this.raw = parts.raw;
    this.deployer = parts.deployer;
    this.rival = parts.rival;
    this.farmId = parts.farmId;
    this.nodeIds = parts.nodeIds;
    this.#chain = parts.chain;
  }

  /** Builds it up. Funds, twins, farm and nodes that exist already are kept. */
  static async enter(chain: ChainUnderTest): Promise<Ground> {
    const raw = await RawChain.connect(chain.url);
    let ground: Ground | undefined;
    try {
      ground = await build(chain, raw);
      for (const nodeId of ground.nodeIds) await ground.clear(nodeId);
      return ground;
    } catch (error) {
      await (ground ? ground.#close() : raw.close());
      throw error;
    }
  }

  /** Signer of one of the accounts, for calls the client under test does not make. */
  pair(role: Role): Pair {
    return pairOf(seedOf(this.#chain, role));
  }

  /** Another client of the deployer's account, with a queue of its own. */
  async secondDeployer(): Promise<ChainClient> {
    const client = await clientOf(this.#chain.url, seedOf(this.#chain, "deployer"));
    this.#seconds.push(client);
    return client;
  }

  /** A client of an account nobody has used, with money or without, and without a twin. */
  async newcomer(options: { readonly isFunded: boolean }): Promise<{ client: ChainClient; pair: Pair }> {
    const seed = `0x${randomBytes(32).toString("hex")}`;
    const pair = pairOf(seed);
    if (options.isFunded) await fund(this.raw, this.#chain, [pair.address]);
    const client = await clientOf(this.#chain.url, seed);
    this.#newcomers.push({ client, pair, ...options });
    return { client, pair };
  }

  /** Submits through the deployer's client, or another, and remembers what was made. */
  async submit(calls: readonly ContractCall[], client: ChainClient = this.deployer): Promise<CallResult[]> {
    const results = await client.submit(calls);
    results.forEach(({ contractId }) => {
      this.#made.push({ client, contractId });
    });
    return results;
  }

  /** Submits one call and gives the contract. */
  async make(call: ContractCall, client: ChainClient = this.deployer): Promise<number> {
    const [result] = await this.submit([call], client);
    if (result === undefined) throw new Error("no result");
    return result.contractId;
  }

  /** Cancels contracts of the deployer and waits. */
  async cancel(...contractIds: readonly number[]): Promise<void> {
    await this.deployer.submit(contractIds.map((contractId) => ({ kind: "cancelContract", contractId })));
  }

  /** Remembers a contract of the deployer that was made past the client, from the record its event carries. */
  remember(record: unknown): void {
    this.#made.push({ client: this.deployer, contractId: (record as { contractId: number }).contractId });
  }

  /** Cancels every contract on a node, and wakes it: also what a run that was cut short has left. */
  async clear(nodeId: number): Promise<void> {
    await this.#cancelAll(await this.deployer.getNodeContractIds(nodeId));
    const rentId = await this.deployer.getRentContractId(nodeId);
    if (rentId !== undefined) await this.#cancelAll([rentId]);
    if (!(await this.deployer.getNode(nodeId))?.isStandby) return;
    await this.raw.sendOk(this.pair("deployer"), this.raw.call("tfgridModule", "changePowerTarget", nodeId, "Up"));
  }

  /** Takes everything down that can be: contracts, nodes, lent money. */
  async leave(): Promise<void> {
    try {
      for (const kind of ["node", "name", "rent"]) {
        for (const client of [this.deployer, this.rival]) await this.#cancelMade(client, kind);
      }
      for (const nodeId of this.nodeIds) {
        await this.raw.send(this.pair("deployer"), this.raw.call("tfgridModule", "deleteNodeFarm", nodeId));
      }
      const borrowers = this.#newcomers.filter(({ isFunded }) => isFunded).map(({ pair }) => pair);
      await repay(this.raw, this.#chain, [...roles.map((role) => this.pair(role)), ...borrowers]);
    } finally {
      await this.#close();
    }
  }

  /** Ends every connection: one that stays open would keep the process alive. */
  async #close(): Promise<void> {
    const clients = [this.deployer, this.rival, ...this.#seconds, ...this.#newcomers.map(({ client }) => client)];
    await Promise.all([this.raw.close(), ...clients.map((client) => client.close())]);
  }

  async #cancelAll(contractIds: readonly number[]): Promise<void> {
    const contracts = await this.deployer.getContracts(contractIds);
    const { twinId } = await this.rival.requireTwin();
    await Promise.all(
      contracts.flatMap((contract) => {
        if (contract === undefined) return [];
        const client = contract.twinId === twinId ? this.rival : this.deployer;
        return [client.submit([{ kind: "cancelContract", contractId: contract.contractId }])];
      }),
    );
  }

  async #cancelMade(client: ChainClient, kind: string): Promise<void> {
    const ids = [...new Set(this.#made.filter((made) => made.client === client).map((made) => made.contractId))];
    const live = (await client.getContracts(ids)).filter((contract) => contract?.kind === kind);
    await Promise.all(
      live.map((contract) => client.submit([{ kind: "cancelContract", contractId: contract?.contractId ?? 0 }])),
    );
  }
}

async function build(chain: ChainUnderTest, raw: RawChain): Promise<Ground> {
  await fund(
    raw,
    chain,
    roles.map((role) => pairOf(seedOf(chain, role)).address),
  );
  await Promise.all(roles.map((role) => becomeTwin(raw, pairOf(seedOf(chain, role)))));
  const farmId = await haveFarm(raw, pairOf(seedOf(chain, "deployer")));
  const nodeIds = await Promise.all([haveNode(raw, chain, farmId, "node-a"), haveNode(raw, chain, farmId, "node-b")]);
  const deployer = await clientOf(chain.url, seedOf(chain, "deployer"));
  const rival = await clientOf(chain.url, seedOf(chain, "rival")).catch(async (error) => {
    await deployer.close();
    throw error;
  });
  return new Ground({ chain, raw, deployer, rival, farmId, nodeIds });
}

async function haveFarm(raw: RawChain, farmer: Pair): Promise<number> {
  const name = `contract-${farmer.address.slice(-12)}`;
  const key = `0x${Buffer.from(name).toString("hex")}`;
  const existing = Number(await raw.read("tfgridModule", "farmIdByName", key));
  if (existing > 0) return existing;
  const [x = 0, y = 0] = createHash("md5").update(name).digest();
  const ips = [2, 3].map((host) => ({ ip: `185.${x}.${y}.${host}/24`, gw: `185.${x}.${y}.1` }));
  await raw.sendOk(farmer, raw.call("tfgridModule", "createFarm", name, ips));
  return Number(await raw.read("tfgridModule", "farmIdByName", key));
}

async function haveNode(raw: RawChain, chain: ChainUnderTest, farmId: number, role: Role): Promise<number> {
  const pair = pairOf(seedOf(chain, role));
  const twinId = await raw.read("tfgridModule", "twinIdByAccountID", pair.address);
  const existing = Number(await raw.read("tfgridModule", "nodeIdByTwinID", twinId));
  if (existing > 0) return existing;
  const resources = { hru: 0, sru: 500 * GIB, cru: 8, mru: 32 * GIB };
  const location = { city: "Ghent", country: "Belgium", latitude: "51.05", longitude: "3.72" };
  const args = [farmId, resources, location, [], false, false, null];
  await raw.sendOk(pair, raw.call("tfgridModule", "createNode", ...args));
  return Number(await raw.read("tfgridModule", "nodeIdByTwinID", twinId));
}
