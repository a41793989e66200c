import type { ContractCall } from "../../../model/call";
import type { RuntimeCodecs } from "../runtime-codecs";

/** A call, or several in one, as the runtime's metadata encodes it. */
export type EncodedCall = ReturnType<RuntimeCodecs["tx"][string][string]>;

/**
 * Encodes groups of calls as one extrinsic: the groups fail apart from each other, the calls of a group stand or fall
 * together. A lone call travels in the same wrapping, so that every result is read the same way.
 *
 * @source tfchain runtime, pallet-utility: force_batch runs every item and reports each; batch_all is atomic
 */
export function encodeGroups(codecs: RuntimeCodecs, groups: readonly (readonly ContractCall[])[]): EncodedCall {
  const items = groups.map((calls) => {
    const [first, ...others] = calls.map((call) => encodeCall(codecs, call));
    if (first !== undefined && others.length === 0) return first;
    return build(codecs, "utility", "batchAll", [[first, ...others]]);
  });
  return build(codecs, "utility", "forceBatch", [items]);
}

function encodeCall(codecs: RuntimeCodecs, call: ContractCall): EncodedCall {
  const pallet = "smartContractModule";
  switch (call.kind) {
    case "createNodeContract": {
      const { nodeId, deploymentHash, deploymentData, publicIps, solutionProviderId = null } = call;
      const args = [nodeId, hex(deploymentHash), hex(deploymentData), publicIps, solutionProviderId];
      return build(codecs, pallet, "createNodeContract", args);
    }
    case "updateNodeContract":
      return build(codecs, pallet, "updateNodeContract", [
        call.contractId,
        hex(call.deploymentHash),
        hex(call.deploymentData),
      ]);
    case "createNameContract":
      return build(codecs, pallet, "createNameContract", [hex(call.name)]);
    case "createRentContract":
      return build(codecs, pallet, "createRentContract", [call.nodeId, call.solutionProviderId ?? null]);
    case "cancelContract":
      return build(codecs, pallet, "cancelContract", [call.contractId]);
    case "setNote":
      return build(codecs, "tfkvStore", "set", [hex(call.key), hex(call.value)]);
    case "deleteNote":
      return build(codecs, "tfkvStore", "delete", [hex(call.key)]);
  }
}

function build(codecs: RuntimeCodecs, pallet: string, name: string, args: readonly unknown[]): EncodedCall {
  const create = codecs.tx[pallet]?.[name];
  if (create === undefined) throw new Error(`this chain has no call ${pallet}.${name}`);
  return create(...args);
}

/** Text as hex of its bytes: the codecs would take some texts for hex and some byte arrays for encoded ones. */
function hex(text: string): string {
  return `0x${Buffer.from(text, "utf8").toString("hex")}`;
}
