import { signPrefixed } from "../../../lib/model/prefixed-signature";
import { type BusGround, nowSec } from "./bus-ground";
import type { Party } from "./parties";
import { RawSession } from "./raw-session";

/** A number that no chain has given to a twin. */
export const NO_TWIN = 4_000_000_000;

/** Who may open a mailbox. */
export function tokens(bus: () => BusGround): void {
  const open = (query: string) => bus().openWith(query);

  describe("tokens", () => {
    test("are asked for", async () => {
      await expect(RawSession.open(bus().url, { twinId: 0 })).rejects.toThrow("400 missing jwt");
    });

    test.each(["x", "a.b", "a.b.c", "e30.e30.e30", "=="])("are refused when malformed: %s", async (query) => {
      await expect(open(query)).rejects.toThrow(/^401 invalid jwt: jwt/);
    });

    test("are refused when they have expired", async () => {
      const token = bus().token(bus().party("caller"), { issuedAtSec: nowSec() - 120, expiresSec: nowSec() - 60 });
      await expect(open(token)).rejects.toThrow(/^401 invalid jwt: jwt has expired$/);
    });

    test("are refused when another key signed them", async () => {
      const { account } = bus().party("plain");
      const forged = bus().token({ ...bus().party("caller"), account });
      await expect(open(forged)).rejects.toThrow(/^401 invalid jwt: jwt/);
    });

    test("are refused when they were changed after they were signed", async () => {
      const [header, , signature] = bus().token(bus().party("caller"), { session: "mine" }).split(".");
      const [, claims] = bus().token(bus().party("caller"), { session: "yours" }).split(".");
      await expect(open([header, claims, signature].join("."))).rejects.toThrow(/^401 invalid jwt: jwt/);
    });

    test("are refused for a twin that is not on the chain", async () => {
      const stranger = bus().token(bus().party("caller"), { twinId: NO_TWIN });
      await expect(open(stranger)).rejects.toThrow(`401 twin not found ${NO_TWIN}`);
    });

    test.each([
      ["sr25519", "caller"],
      ["ed25519", "callee"],
    ] as const)("are taken from an %s account", async (_, role) => {
      expect(await (await bus().open(bus().party(role), "token")).drain()).toEqual([]);
    });

    // The order of the claims and the form of the header are those of each client.
    test.each<[string, object, (claims: Claims) => object]>([
      ["Go", { alg: "RS512", typ: "JWT" }, ({ exp, iat, sid, sub }) => ({ exp, iat, sid, sub })],
      ["Rust", { alg: "RS512" }, ({ sub, iat, exp }) => ({ sub, sid: null, iat, exp })],
    ])("are taken as the %s client writes them", async (_, header, order) => {
      const caller = bus().party("caller");
      const claims = { sub: caller.twin.twinId, iat: nowSec(), exp: nowSec() + 60, sid: "token" };
      const session = await open(sign(caller, header, order(claims)));
      expect(await session.controlPing("here")).toBe("here");
    });

    test("are all that counts: the path means nothing", async () => {
      const token = bus().token(bus().party("caller"), { session: "path" });
      const session = await RawSession.open(`${bus().url}/any/path?${token}`, { twinId: 0 });
      expect(await session.controlPing("here")).toBe("here");
      await session.close();
    });
  });
}

interface Claims {
  readonly sub: number;
  readonly iat: number;
  readonly exp: number;
  readonly sid: string;
}

function sign({ account }: Party, header: object, claims: object): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${signPrefixed(account, Buffer.from(text)).toString("base64url")}`;
}
