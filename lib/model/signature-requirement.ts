/**
 * Signing a deployment.
 *
 * @source zosbase pkg/gridtypes/deployment.go: Sign
 */
import { type Deployment, deploymentHash } from "./deployment";
import type { KeyPair } from "./key-pair";

/** The bytes a twin signs: the raw hash, or for browser wallets its text in a frame. */
export function messageToSign(deployment: Deployment): Uint8Array {
  const hash = deploymentHash(deployment);
  const isForWallet = deployment.signature_requirement.signature_style === "polka-wallet";
  return isForWallet ? Buffer.from(`<Bytes>${hash}</Bytes>`) : Buffer.from(hash, "hex");
}

/** The deployment with this twin's signature, in place of any it had before: the node looks at the first one only. */
export function signDeployment(deployment: Deployment, twinId: number, keyPair: KeyPair): Deployment {
  const requirement = deployment.signature_requirement;
  const signature = Buffer.from(keyPair.sign(messageToSign(deployment))).toString("hex");
  const others = requirement.signatures.filter(({ twin_id }) => twin_id !== twinId);
  const signatures = [...others, { twin_id: twinId, signature, signature_type: keyPair.keyType }];
  return { ...deployment, signature_requirement: { ...requirement, signatures } };
}

/** The usual requirement: the owner alone. @source observed, official clients */
export function signedByOwner(twinId: number): Deployment["signature_requirement"] {
  return {
    requests: [{ twin_id: twinId, required: false, weight: 1 }],
    weight_required: 1,
    signatures: [],
    signature_style: "",
  };
}
