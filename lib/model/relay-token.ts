import { GridError, messageOf } from "../core/errors";
import type { KeyPair } from "./key-pair";
import { signPrefixed, verifyPrefixed } from "./prefixed-signature";

/**
 * The token that opens a relay connection: JWT by form, but signed with the account's key over the ASCII text
 * `header.claims`; its algorithm `RS512` is a label only. Refusals use the relay's own words.
 *
 * @source rmb-rs src/token, rmb_direct_client 2.9.2
 */
const ALGORITHM = "RS512";

/** Who connects, and until when the token may be used to do so. */
export interface RelayTokenClaims {
  readonly twinId: number;
  /** Names one of several connections of the twin; undefined for its main one. */
  readonly session: string | undefined;
  /** Unix seconds. Relays do not look at it. */
  readonly issuedAtSec: number;
  /** Unix seconds; checked only at connect. */
  readonly expiresSec: number;
}

/** A token that was read but whose signature is not yet checked: the twin must be looked up first. */
export interface RelayToken {
  readonly claims: RelayTokenClaims;
  /** @throws {GridError} TFG_RELAY_TOKEN when the account did not sign it */
  requireSignedBy(accountId: Uint8Array): void;
}

/** Makes the token that is put behind the `?` of a relay URL. Whoever has it can connect as this twin until it ends. */
export function createRelayToken(account: KeyPair, claims: RelayTokenClaims): string {
  const { twinId: sub, session: sid, issuedAtSec: iat, expiresSec: exp } = claims;
  const signed = `${encode({ alg: ALGORITHM, typ: "JWT" })}.${encode({ sub, iat, exp, sid })}`;
  return `${signed}.${signPrefixed(account, Buffer.from(signed)).toString("base64url")}`;
}

/**
 * Reads a token as a relay does, in the relay's order: form, then age; the signature comes after the twin look-up.
 *
 * @throws {GridError} TFG_RELAY_TOKEN whose summary is the relay's reason: `jwt has expired`, `jwt: …`
 */
export function readRelayToken(token: string, nowSec: number): RelayToken {
  const [header, claimsPart, signaturePart, ...more] = token.split(".");
  if (header === undefined || claimsPart === undefined) throw refused("jwt: No claims component found in token string");
  if (signaturePart === undefined) throw refused("jwt: No signature component found in token string");
  if (more.length > 0) throw refused("jwt: Too many components found in token string");
  const algorithm = record(decodeJson(header)).alg;
  const claims = readClaims(record(decodeJson(claimsPart)));
  const signature = decodeBytes(signaturePart);
  if (nowSec > claims.expiresSec) throw refused("jwt has expired");
  return {
    claims,
    requireSignedBy(accountId) {
      if (algorithm !== ALGORITHM) throw refused(`jwt: Expected algorithm type Rs512 but found ${String(algorithm)}`);
      const isSigned = verifyPrefixed(Buffer.from(`${header}.${claimsPart}`), signature, accountId);
      if (!isSigned) throw refused("jwt: Invalid signature");
    },
  };
}

function readClaims(claims: Readonly<Record<string, unknown>>): RelayTokenClaims {
  const { sid } = claims;
  if (sid !== undefined && sid !== null && typeof sid !== "string") throw refused("jwt: sid is not a text");
  return {
    twinId: integer(claims, "sub", 0xffff_ffff),
    session: sid ?? undefined,
    issuedAtSec: integer(claims, "iat", Number.MAX_SAFE_INTEGER),
    expiresSec: integer(claims, "exp", Number.MAX_SAFE_INTEGER),
  };
}

function integer(claims: Readonly<Record<string, unknown>>, name: string, max: number): number {
  const value = claims[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw refused(`jwt: ${value === undefined ? `missing field \`${name}\`` : `invalid value for ${name}`}`);
}

function encode(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}

function decodeJson(part: string): unknown {
  const text = decodeBytes(part).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(`jwt: ${messageOf(error)}`);
  }
}

/** Strict: padding, other alphabets and stray bits are refused, so that one token has one spelling. */
function decodeBytes(part: string): Buffer {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw refused("jwt: Invalid base64 in token string");
  return bytes;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  throw refused("jwt: expected a JSON object");
}

function refused(reason: string): GridError {
  return new GridError({
    code: "TFG_RELAY_TOKEN",
    summary: reason,
    standing: "No connection was made.",
    remedy: "check that the account's key belongs to the twin and that this machine's clock is right.",
  });
}
