/**
 * Checking the signatures of a deployment as the node does. Apart from signing, because it loads the signature library,
 * which nobody who only signs needs.
 *
 * @source zosbase pkg/gridtypes/deployment.go: Verify
 */
import type { Deployment, SignatureRequest } from "./deployment";
import { verifySignature } from "./key-pair";
import { messageToSign } from "./signature-requirement";
import { hexProblem } from "./wire/reader";

/**
 * The node's own words when signatures are missing or wrong; undefined when it is content.
 *
 * @param keyOfTwin the account key of a twin, undefined when the chain has no such twin
 */
export function verifySignatures(
  deployment: Deployment,
  keyOfTwin: (twinId: number) => Uint8Array | undefined,
): string | undefined {
  const { requests, weight_required } = deployment.signature_requirement;
  const message = messageToSign(deployment);
  for (const request of requests) {
    const problem = requestProblem(deployment, request, message, keyOfTwin(request.twin_id));
    if (problem) return problem;
  }
  if (!requests.some(({ twin_id }) => twin_id === deployment.twin_id)) {
    return "originator twin id must be in the signature requests";
  }
  const weight = requests.reduce((sum, request) => sum + request.weight, 0);
  return weight < weight_required ? "required signature weight is not reached" : undefined;
}

/** A request without signature fails even when it is not required: the empty signature is verified. */
function requestProblem(
  deployment: Deployment,
  request: SignatureRequest,
  message: Uint8Array,
  key: Uint8Array | undefined,
): string | undefined {
  const twinId = request.twin_id;
  const found = deployment.signature_requirement.signatures.find(({ twin_id }) => twin_id === twinId);
  if (!found && (request.required || twinId === deployment.twin_id)) {
    return `missing required signature for twin '${twinId}'`;
  }
  if (!key) return `failed to get public key for twin '${twinId}': could not get user with id '${twinId}'`;
  const signature = found?.signature ?? "";
  const badHex = hexProblem(signature);
  if (badHex) return `invalid signature: ${badHex}`;
  return isSignatureValid(found?.signature_type ?? "", message, Buffer.from(signature, "hex"), key)
    ? undefined
    : "failed to verify signature";
}

function isSignatureValid(type: string, message: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
  if (type !== "sr25519") return verifySignature("ed25519", message, signature, key);
  // The node copies into 64 bytes first, so what follows them is not looked at.
  return verifySignature("sr25519", message, signature.subarray(0, 64), key);
}
