import { GridError, messageOf } from "../../core/errors";
import type { EngineContext } from "../../engine/context";
import type { NodeContract } from "../../model/contract";
import { decodeStamp } from "../../model/deployment-data";
import type { DataSource } from "../resource";
import { readMemberSlice, type Slice } from "../resources/network/member-slice";
import { reservedIn } from "../resources/network/mesh";
import { byNumber } from "../resources/network/mesh-state";
import { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";
import { lookUp } from "./look-up";

/** What is not known of a network that was not found. */
const UNSET = {
  ...{ network_name: null, ip_range: null, mycelium: null, subnets: {}, reserved: {} },
  ...{ contracts: {}, findings: [], exists: null },
};

/** `threefold_network`: another stack's mesh, as the nodes that are in it tell it. */
export const network: DataSource = {
  typeName: "threefold_network",
  schema: {
    version: 0,
    description:
      "A mesh of this account that another stack owns, for machines that join it on its member nodes. Read from the chain and the nodes; nothing of the other stack's state is needed.",
    attributes: {
      contract_id: { type: "string", required: true, description: "Number of any member's contract." },
      network_name: { type: "string", computed: true, description: "Name on the grid, for machines that join." },
      ip_range: { type: "string", computed: true, description: "Its /16." },
      mycelium: { type: "bool", computed: true, description: "Whether its machines can have mycelium addresses." },
      subnets: { type: { map: "string" }, computed: true, description: "Each member's /24, by node id." },
      contracts: { type: { map: "string" }, computed: true, description: "Each member's contract, by node id." },
      reserved: {
        type: { map: "string" },
        computed: true,
        description:
          "Addresses that its owner keeps for other stacks, by name: `200-219` is .200 to .219 of every /24.",
      },
      findings: { type: { list: "string" }, computed: true, description: "Members that could not be read, and why." },
      exists: { type: "bool", computed: true, description: "Whether there is such a network of this account." },
      reachable: { type: "bool", computed: true, description: "Whether the chain and the directory answered." },
    },
  },
  read: async (config, context) => {
    const id = new Attributes(config).requireText("contract_id");
    const what = `The network of contract ${id}`;
    return lookUp(context, { what, otherwise: { ...UNSET, contract_id: id } }, async () => {
      const engine = await context.session.engine(context);
      const contracts = await listMembers(engine, id);
      if (contracts.length === 0) {
        context.warn(`${what} does not exist`, "Check the number, the account and the network.");
        return { ...UNSET, contract_id: id, exists: false };
      }
      const found = await readAll(engine, contracts);
      const { findings } = found;
      if (findings.length > 0) context.warn(`${what} is not wholly known`, findings.join("\n"));
      return { ...UNSET, ...found, contract_id: id, exists: true };
    });
  },
};

/** Contracts of the mesh that one of them belongs to; none when the number is no network's of this account. */
async function listMembers(engine: EngineContext, id: string): Promise<readonly NodeContract[]> {
  const contract = /^\d{1,15}$/.test(id) ? await engine.chain.getContract(Number(id), engine.signal) : undefined;
  const stamp = contract?.kind === "node" ? decodeStamp(contract.deploymentData) : undefined;
  if (contract?.kind !== "node" || contract.twinId !== engine.twinId || !stamp?.role.startsWith("network/")) return [];
  const others = await engine.ownContracts.findElsewhere({ lineage: stamp.lineage, role: stamp.role }, engine.signal);
  return [...new Map([contract, ...others].map((each) => [each.contractId, each])).values()];
}

async function readAll(engine: EngineContext, contracts: readonly NodeContract[]) {
  const slices = new Map<NodeContract, Slice>();
  const findings: string[] = [];
  await Promise.all(
    contracts.map(async (contract) => {
      try {
        slices.set(contract, await readMemberSlice(engine, contract));
      } catch (error) {
        if (engine.signal.aborted || !(error instanceof GridError)) throw error;
        findings.push(messageOf(error));
      }
    }),
  );
  // A contract that was migrated onto another member's node is nothing there.
  const standing = [...contracts].sort((a, b) => Number(slices.has(a)) - Number(slices.has(b)) || a.nodeId - b.nodeId);
  const [first] = standing.flatMap((each) => slices.get(each) ?? []);
  const values: ObjectValue = {
    network_name: first?.name ?? null,
    ip_range: first?.data.ip_range ?? null,
    mycelium: first ? first.data.mycelium !== undefined : null,
    reserved: first ? { ...reservedIn(first.metadata) } : {},
    subnets: byNumber([...slices].map(([{ nodeId }, { data }]) => [nodeId, data.subnet] as const)),
    contracts: byNumber(standing.map(({ nodeId, contractId }) => [nodeId, String(contractId)] as const)),
  };
  return { ...values, findings: findings.sort() };
}
