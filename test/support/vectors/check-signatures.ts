import { Secret } from "../../../lib/core/secret";
import { type Deployment, deploymentHash, parseDeployment } from "../../../lib/model/deployment";
import { createKeyPair, type KeyPair, type KeyType, verifySignature } from "../../../lib/model/key-pair";
import { messageToSign, signDeployment } from "../../../lib/model/signature-requirement";
import { verifySignatures } from "../../../lib/model/verify-signatures";
import type { CaseResult } from "./case-result";
import { checkCase, expectSame, VectorEntry } from "./vector-entry";

interface Signer {
  readonly keyPair: KeyPair;
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/** Verifies every signed deployment, and signs again where the signer's secret is given. */
export async function checkSignatures(json: unknown): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [index, element] of (Array.isArray(json) ? json : [undefined]).entries()) {
    results.push(await checkSigned(element, `signature ${index}`));
  }
  return results;
}

async function checkSigned(element: unknown, label: string): Promise<CaseResult> {
  let keyPair: KeyPair | undefined;
  let entry: VectorEntry;
  try {
    entry = new VectorEntry(element);
    keyPair = await signerOf(entry);
  } catch (error) {
    return { name: label, error: String(error) };
  }
  return checkCase(`${label}: ${entry.raw("name")}`, () => {
    const deployment = parseDeployment(entry.raw("deployment"));
    expectSame("hash", deploymentHash(deployment), entry.text("hash"));
    const keys = keysOf(entry, deployment);
    const problem = verifySignatures(deployment, (twinId) => keys.get(twinId));
    expectSame("node_error", problem, entry.raw("node_error"));
    expectSame("node_accepts", problem === undefined, entry.flag("node_accepts"));
    if (entry.raw("signature") !== undefined) checkOneSignature(entry, deployment);
    if (keyPair && problem === undefined) checkSigningAgain(entry, deployment, { keyPair, keys });
  });
}

function checkOneSignature(entry: VectorEntry, deployment: Deployment): void {
  const message = Buffer.from(messageToSign(deployment));
  expectSame("style", deployment.signature_requirement.signature_style, entry.text("style"));
  expectSame("signed_message_hex", message.toString("hex"), entry.text("signed_message_hex"));
  // Nodes read hexadecimal digits of either case.
  const signature = Buffer.from(entry.text("signature"), "hex");
  const isValid = verifySignature(keyTypeOf(entry), message, signature, entry.bytes("public_key"));
  // A valid signature can be refused for other reasons, an accepted one is valid.
  expectSame("signature is valid", isValid || !entry.flag("node_accepts"), true);
}

/** Signatures of ed25519 come out the same every time, those of sr25519 only verify. */
function checkSigningAgain(entry: VectorEntry, deployment: Deployment, { keyPair, keys }: Signer): void {
  const publicKey = Buffer.from(keyPair.publicKey).toString("hex");
  expectSame("public_key", publicKey, Buffer.from(keys.get(deployment.twin_id) ?? []).toString("hex"));
  const signed = signDeployment(deployment, deployment.twin_id, keyPair);
  const own = signed.signature_requirement.signatures.filter(({ twin_id }) => twin_id === deployment.twin_id);
  expectSame("number of own signatures", own.length, 1);
  expectSame(
    "signed again",
    verifySignatures(signed, (twinId) => keys.get(twinId)),
    undefined,
  );
  const isDeterministic = entry.raw("deterministic") ?? keyPair.keyType === "ed25519";
  if (isDeterministic && entry.raw("signature") !== undefined) {
    expectSame("signature made again", own[0]?.signature, entry.text("signature").toLowerCase());
  }
}

async function signerOf(entry: VectorEntry): Promise<KeyPair | undefined> {
  if (entry.raw("secret_uri") === undefined) return undefined;
  return createKeyPair(new Secret(entry.text("secret_uri")), keyTypeOf(entry));
}

function keyTypeOf(entry: VectorEntry): KeyType {
  const keyType = entry.text("key_type");
  if (keyType !== "sr25519" && keyType !== "ed25519") throw new Error(`unknown key_type ${keyType}`);
  return keyType;
}

function keysOf(entry: VectorEntry, deployment: Deployment): Map<number, Uint8Array> {
  if (entry.raw("keys") === undefined) return new Map([[deployment.twin_id, entry.bytes("public_key")]]);
  const keys = entry.entry("keys");
  const twins = deployment.signature_requirement.requests.map(({ twin_id }) => twin_id);
  const listed = twins.filter((twinId) => keys.raw(String(twinId)) !== undefined);
  return new Map(listed.map((twinId) => [twinId, keys.bytes(String(twinId))]));
}
