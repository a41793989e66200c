import type { KeyType } from "../../../lib/model/key-pair";
import { createRelayToken, readRelayToken } from "../../../lib/model/relay-token";
import type { CaseResult } from "./case-result";
import { checkEnvelope, checkPing, checkPong, checkVerdict } from "./check-rmb-envelopes";
import { hex, Identities } from "./rmb-identities";
import { checkCase, checkList, expectSame, VectorEntry } from "./vector-entry";

/** Sections that describe the file and hold nothing to compute. */
const PROSE = new Set(["about", "compare", "note", "notes", "package", "source"]);

/**
 * Recomputes everything in a message-bus vector file: keys, tokens, envelopes, digests, signatures, ciphers. A section
 * that no rule covers counts as a failure, so that a file is never passed unread.
 */
export async function checkRmb(json: unknown): Promise<CaseResult[]> {
  const file = new VectorEntry(json);
  const identities = new Identities();
  const results = await identities.check(file.raw("identities"));
  for (const [name, value] of Object.entries(json as object)) {
    if (name === "identities" || PROSE.has(name)) continue;
    results.push(...checkSection(name, value, { identities, file }));
  }
  return results;
}

interface Context {
  readonly identities: Identities;
  readonly file: VectorEntry;
}

function checkSection(name: string, value: unknown, { identities, file }: Context): CaseResult[] {
  switch (name) {
    case "jwt":
      return checkList(name, value, (entry) => checkToken(entry, identities));
    case "envelopes":
      return checkList(name, value, (entry) => checkEnvelope(entry, identities));
    case "shared_secrets":
      return checkList(name, value, (entry) => checkSharedSecret(entry, identities));
    case "ciphers":
      return checkList(name, value, (entry) => checkCipher(entry, identities));
    case "official_client_verdicts":
      return checkList(name, value, (entry) => checkVerdict(entry, identities));
    case "ping":
      return [checkCase(name, () => checkPing(new VectorEntry(value)))];
    case "pong":
      return [checkCase(name, () => checkPong(new VectorEntry(value), file.entry("ping")))];
    default:
      return [{ name, error: "no rule checks this section" }];
  }
}

function checkToken(entry: VectorEntry, identities: Identities): void {
  const { identity, pair } = identities.signer(entry.text("identity"));
  const token = entry.text("token");
  const [, claimsPart = ""] = token.split(".");
  const accept = () => {
    const issuedAt = new VectorEntry(JSON.parse(Buffer.from(claimsPart, "base64url").toString())).number("iat");
    const read = readRelayToken(token, issuedAt);
    read.requireSignedBy(pair.publicKey);
    expectSame("twin", read.claims.twinId, identity.twinId);
    return read.claims;
  };
  if (!entry.flag("valid")) {
    expectRefusal(accept);
    return;
  }
  const claims = accept();
  const { twinId: sub, session: sid, issuedAtSec: iat, expiresSec: exp } = claims;
  const listed = Object.entries(entry.raw("claims") ?? {}).filter(([, value]) => value !== null);
  expectSame("claims", { sub, iat, exp, ...(sid === undefined ? {} : { sid }) }, Object.fromEntries(listed));
  expectSame("session", sid, entry.raw("session"));
  const [headerPart = ""] = token.split(".");
  expectSame("header", JSON.parse(Buffer.from(headerPart, "base64url").toString()), entry.raw("header"));
  const signature = entry.bytes("signature");
  expectSame("token", token, `${entry.text("signing_input")}.${signature.toString("base64url")}`);
  expectSame("signature length", signature.length, entry.number("signature_length"));
  expectSame("signature prefix", signature.toString("latin1", 0, 1), entry.text("signature_prefix_ascii"));
  expectSame("deterministic", pair.keyType === "ed25519", entry.flag("deterministic"));
  if (isOfOfficialForm(token)) checkTokenMadeAnew(createRelayToken(pair, claims), entry, pair.keyType);
}

/** Clients in other languages write the same claims in another order: as good, but not to be made anew. */
function isOfOfficialForm(token: string): boolean {
  const keysOf = (part = "") => Object.keys(JSON.parse(Buffer.from(part, "base64url").toString())).join();
  const [header, claims] = token.split(".");
  return keysOf(header) === "alg,typ" && /^sub,iat,exp(,sid)?$/.test(keysOf(claims));
}

function checkTokenMadeAnew(ours: string, entry: VectorEntry, keyType: KeyType): void {
  expectSame("signing input", ours.slice(0, ours.lastIndexOf(".")), entry.text("signing_input"));
  if (keyType === "ed25519") expectSame("token made anew", ours, entry.text("token"));
}

function checkSharedSecret(entry: VectorEntry, identities: Identities): void {
  const other = identities.named(entry.text("public_of")).cipher.publicKey;
  const agreed = identities.named(entry.text("private_of")).cipher.agree(other);
  expectSame("shared secret", hex(agreed.export()), entry.text("shared_sha256_x"));
}

function checkCipher(entry: VectorEntry, identities: Identities): void {
  const from = identities.named(entry.text("from")).cipher;
  const to = identities.named(entry.text("to")).cipher;
  const cipher = entry.bytes("cipher");
  const opened = to.decryptFrom(from.publicKey, cipher);
  if (!entry.flag("valid")) {
    expectSame("decrypted", opened?.toString("hex"), undefined);
    return;
  }
  expectSame("decrypted", opened?.toString("hex"), entry.text("plaintext"));
  if (entry.raw("plaintext_text") !== undefined)
    expectSame("plaintext as text", opened?.toString("utf8"), entry.text("plaintext_text"));
  expectSame("nonce", hex(cipher.subarray(0, 12)), entry.text("nonce"));
  expectSame("tag", hex(cipher.subarray(-16)), entry.text("tag"));
  const again = to.decryptFrom(from.publicKey, from.encryptFor(to.publicKey, entry.bytes("plaintext")));
  expectSame("encrypted anew", again?.toString("hex"), entry.text("plaintext"));
}

function expectRefusal(accept: () => unknown): void {
  try {
    accept();
  } catch {
    // The refusal that is asked for.
    return;
  }
  throw new Error("accepted, but listed as invalid");
}
