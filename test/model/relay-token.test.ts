import fc from "fast-check";
import { GridError } from "../../lib/core/errors";
import { createRelayToken, readRelayToken } from "../../lib/model/relay-token";
import { accountOf } from "../support/message-bus";

const claims = { twinId: 7, session: "s", issuedAtSec: 1000, expiresSec: 1300 };
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const header = { alg: "RS512", typ: "JWT" };
const body = { sub: 7, iat: 1000, exp: 1300 };

/** The relay's words for refusing a token at second 1000. */
function refusalOf(token: string, nowSec = 1000): string {
  try {
    readRelayToken(token, nowSec);
  } catch (error) {
    if (error instanceof GridError) return error.summary;
    throw error;
  }
  return "accepted";
}

describe("a relay token", () => {
  it.each(["sr25519", "ed25519"] as const)("is accepted when the twin's %s account signed it", async (keyType) => {
    const account = await accountOf(1, keyType);
    const token = readRelayToken(createRelayToken(account, claims), 1000);
    expect(token.claims).toEqual(claims);
    expect(() => token.requireSignedBy(account.publicKey)).not.toThrow();
    const other = await accountOf(2, keyType);
    expect(() => token.requireSignedBy(other.publicKey)).toThrow("jwt: Invalid signature");
  });

  it("tells no session from an empty session", async () => {
    const account = await accountOf(1);
    const session = (given: string | undefined) =>
      readRelayToken(createRelayToken(account, { ...claims, session: given }), 1000).claims.session;
    expect(session(undefined)).toBeUndefined();
    expect(session("")).toBe("");
    expect(readRelayToken(`${b64(header)}.${b64({ ...body, sid: null })}.AA`, 1000).claims.session).toBeUndefined();
  });

  it("ends one second after its last", async () => {
    const token = createRelayToken(await accountOf(1), claims);
    expect(refusalOf(token, 1300)).toBe("accepted");
    expect(refusalOf(token, 1301)).toBe("jwt has expired");
  });

  it("is accepted in the shape of the Rust client: no typ, other order", async () => {
    const account = await accountOf(1);
    const signed = `${b64({ alg: "RS512" })}.${b64({ sub: 7, sid: null, iat: 1000, exp: 1300 })}`;
    const signature = Buffer.concat([Buffer.from("e"), account.sign(Buffer.from(signed))]);
    const token = readRelayToken(`${signed}.${signature.toString("base64url")}`, 1000);
    expect(() => token.requireSignedBy(account.publicKey)).not.toThrow();
  });

  it("must name RS512, whatever its signature", async () => {
    const token = readRelayToken(`${b64({ alg: "none" })}.${b64(body)}.`, 1000);
    expect(() => token.requireSignedBy(Buffer.alloc(32))).toThrow("Expected algorithm type Rs512");
  });

  it.each([
    ["", "jwt: No claims component found in token string"],
    ["a.b", "jwt: No signature component found in token string"],
    ["a.b.c.d", "jwt: Too many components found in token string"],
    [`${b64(header)}.${b64(body)}=.AA`, "jwt: Invalid base64 in token string"],
    [`${b64(header)}.${b64([])}.AA`, "jwt: expected a JSON object"],
    [`${b64(header)}.${b64({ ...body, sub: "7" })}.AA`, "jwt: invalid value for sub"],
    [`${b64(header)}.${b64({ ...body, sub: 2 ** 32 })}.AA`, "jwt: invalid value for sub"],
    [`${b64(header)}.${b64({ sub: 7, iat: 1 })}.AA`, "jwt: missing field `exp`"],
    [`${b64(header)}.${b64({ ...body, sid: 5 })}.AA`, "jwt: sid is not a text"],
  ])("of the form %j is refused", (token, reason) => {
    expect(refusalOf(token)).toBe(reason);
  });

  it("never crashes a reader", () => {
    const part = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString("base64url")),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) =>
        expect(refusalOf(parts.join("."))).toMatch(/^jwt|^accepted/),
      ),
    );
  });
});
