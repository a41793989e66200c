import type { Contract, ContractState, FarmIp } from "../../../model/contract";
import { asBytes, asList, asNumber, asStruct, asText, asVariant, type CodecStruct, unreadable } from "./codec-json";

const causes = {
  canceledByUser: "CanceledByUser",
  outOfFunds: "OutOfFunds",
  canceledByCollective: "CanceledByCollective",
} as const;

/**
 * Reads a contract record as storage and `ContractCreated` events carry it.
 *
 * @source tfchain spec 144 and 152 metadata, pallet_smart_contract::types::Contract
 */
export function decodeContract(json: unknown): Contract {
  const record = asStruct(json, "contract");
  const [type, content] = asVariant(record.contractType, "contract type");
  const base = {
    contractId: asNumber(record.contractId, "contract id"),
    twinId: asNumber(record.twinId, "contract's twin id"),
    state: decodeState(record.state),
  };
  const data = asStruct(content, "contract data");
  if (type === "nodeContract") return { ...base, ...decodeNodeContract(data) };
  if (type === "nameContract") return { ...base, kind: "name", name: asText(data.name, "name") };
  if (type === "rentContract") return { ...base, kind: "rent", nodeId: asNumber(data.nodeId, "node id") };
  throw unreadable("contract type", type);
}

/** Reads the public addresses of a farm or a contract, in the chain's order. */
export function decodeFarmIps(json: unknown): FarmIp[] {
  return asList(json, "public ips").map((entry) => {
    const record = asStruct(entry, "public ip");
    return {
      ip: asText(record.ip, "public ip"),
      gateway: asText(record.gateway, "gateway"),
      contractId: asNumber(record.contractId, "public ip's contract id"),
    };
  });
}

function decodeNodeContract(data: CodecStruct) {
  return {
    kind: "node" as const,
    nodeId: asNumber(data.nodeId, "node id"),
    // The chain holds the digits of the hash, not the digest; another client may have stored a raw digest all the same.
    deploymentHash: Buffer.from(asBytes(data.deploymentHash, "deployment hash")).toString("latin1"),
    deploymentData: asText(data.deploymentData, "deployment data"),
    publicIps: asNumber(data.publicIps, "public ip count"),
    publicIpsList: decodeFarmIps(data.publicIpsList),
  };
}

function decodeState(json: unknown): ContractState {
  const [state, content] = asVariant(json, "contract state");
  if (state === "created") return { kind: "Created" };
  if (state === "gracePeriod") return { kind: "GracePeriod", sinceBlock: asNumber(content, "grace block") };
  const [cause] = state === "deleted" ? asVariant(content, "cause") : [""];
  const known = causes[cause as keyof typeof causes];
  if (known === undefined) throw unreadable("contract state", json);
  return { kind: "Deleted", cause: known };
}
