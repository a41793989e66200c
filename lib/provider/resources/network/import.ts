import { GridError } from "../../../core/errors";
import { viewContract } from "../../../engine/node/node-deployments";
import type { NodeContract } from "../../../model/contract";
import { decodeStamp, type Stamp } from "../../../model/deployment-data";
import { wireguardPublicKey } from "../../../model/mesh";
import type { CallContext, StateInput } from "../../resource";
import { networkPrivate } from "./mesh";
import { byNumber, type MemberState, memberValue } from "./mesh-state";
import { networkSchema } from "./schema";

/** Imports a mesh by the contract of any of its members; the others are found by their stamps. */
export async function importNetwork(id: string, context: CallContext): Promise<StateInput> {
  const account = await context.session.account(context.signal);
  const engine = await context.session.engine(context);
  const contract = /^\d{1,15}$/.test(id) ? await context.session.getContract(Number(id), context.signal) : undefined;
  const stamp = contract?.kind === "node" ? decodeStamp(contract.deploymentData) : undefined;
  if (!stamp?.role.startsWith("network/") || contract?.twinId !== account.twinId) throw nothingToImport(id);
  const listed = await engine.ownContracts.listStamped(context.signal);
  const ids = listed.filter((each) => isSame(each.stamp, stamp)).map(({ contractId }) => contractId);
  const contracts = await engine.chain.getContracts([...new Set([Number(id), ...ids])], context.signal);
  const members: MemberState[] = [];
  const tokens: Record<string, string> = {};
  let range: string | undefined;
  let name = "";
  let hasMycelium = false;
  for (const found of contracts.filter((each): each is NodeContract => each?.kind === "node")) {
    const own = decodeStamp(found.deploymentData);
    const view = await viewContract(engine, found);
    const slice =
      view.kind === "present" ? view.deployment.workloads.find(({ type }) => type === "network") : undefined;
    if (!own || slice?.type !== "network") throw notReadable(found);
    ({ name } = slice);
    range = slice.data.ip_range;
    hasMycelium = slice.data.mycelium !== undefined;
    tokens[String(found.nodeId)] = own.token;
    members.push({
      nodeId: found.nodeId,
      subnet: slice.data.subnet,
      publicKey: wireguardPublicKey(slice.data.wireguard_private_key),
      listenPort: slice.data.wireguard_listen_port,
      endpoint: undefined,
      accessNode: undefined,
      contractId: found.contractId,
      hash: found.deploymentHash,
      status: "ok",
    });
  }
  const scope = stamp.lineage.slice(0, stamp.lineage.lastIndexOf("."));
  const identity = stamp.role.slice("network/".length);
  return {
    state: {
      ...Object.fromEntries(Object.keys(networkSchema.attributes).map((attribute) => [attribute, null])),
      project: { id: stamp.lineage, name: scope, key_scope: scope },
      name: identity.replace(/[^A-Za-z0-9_]/g, "_"),
      identity,
      ip_range: range ?? null,
      mycelium: hasMycelium,
      network_name: name,
      addresses: {},
      subnets: byNumber(members.map(({ nodeId, subnet }) => [nodeId, subnet] as const)),
      members: byNumber(members.map((member) => [member.nodeId, memberValue(member)] as const)),
      access_points: {},
    },
    private: networkPrivate(account, tokens),
  };
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.lineage === b.lineage && a.role === b.role;
}

function nothingToImport(id: string): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Contract "${id.slice(0, 40)}" is no network of this provider and this account.`,
    facts: { given: id.slice(0, 40), allowed: "the number of a member's node contract" },
    standing: "Nothing was changed.",
    remedy: "look the contract's number up in the dashboard; check the account and the network.",
  });
}

function notReadable(contract: NodeContract): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Node ${contract.nodeId} does not show its part of the network.`,
    facts: { contract: contract.contractId },
    standing: "Nothing was changed.",
    remedy: "import again once the node answers.",
    retryable: true,
  });
}
