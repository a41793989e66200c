import { acceptTerms } from "../accounts";
import type { Ground } from "../ground";

/** How an account becomes reachable, and what the chain insists on. */
export function termsAndTwins(ground: () => Ground): void {
  describe("terms and twins", () => {
    test("refuses a twin to an account that has not accepted the terms", async () => {
      const { raw } = ground();
      const { pair } = await ground().newcomer({ isFunded: true });
      const result = await raw.send(pair, raw.call("tfgridModule", "createTwin", null, null));
      expect(result.error).toBe("UserDidNotSignTermsAndConditions");
    });

    test("gives a twin once, with the relay and the key it was asked for", async () => {
      const { raw } = ground();
      const { client, pair } = await ground().newcomer({ isFunded: true });
      await acceptTerms(raw, pair);
      const create = (relay: string) => raw.call("tfgridModule", "createTwin", relay, `0x02${"ab".repeat(32)}`);
      for (const relay of ["relay..example.org", "a.b"]) {
        expect((await raw.send(pair, create(relay))).error).toBe("InvalidRelayAddress");
      }
      await raw.sendOk(pair, create("relay.example.org_other.example.org"));

      const twin = await client.requireTwin();
      expect(twin.relay).toBe("relay.example.org_other.example.org");
      expect(Buffer.from(twin.encryptionKey ?? []).toString("hex")).toBe(`02${"ab".repeat(32)}`);
      expect(twin.accountId).toEqual(client.account.publicKey);
      expect(await ground().deployer.getTwin(twin.twinId)).toEqual(twin);

      expect((await raw.send(pair, create("relay.example.org"))).error).toBe("TwinWithPubkeyExists");
    });

    test("erases both the relay and the key when an update names neither", async () => {
      const { raw } = ground();
      const { client, pair } = await ground().newcomer({ isFunded: true });
      await acceptTerms(raw, pair);
      await raw.sendOk(pair, raw.call("tfgridModule", "createTwin", "relay.example.org", "0x0203"));
      await raw.sendOk(pair, raw.call("tfgridModule", "updateTwin", null, null));
      expect(await client.requireTwin()).toMatchObject({ relay: undefined, encryptionKey: undefined });
    });

    test("says so when an account has no twin", async () => {
      const { client } = await ground().newcomer({ isFunded: false });
      await expect(client.requireTwin()).rejects.toMatchObject({ code: "TFG_NO_TWIN" });
    });

    test("knows no twin by a number that was never given", async () => {
      expect(await ground().deployer.getTwin(4_000_000_000)).toBeUndefined();
    });
  });
}
