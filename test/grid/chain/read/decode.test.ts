import * as library from "@polkadot/types";
import { decodeContract } from "../../../../lib/grid/chain/read/decode-contract";
import { decodeTwin } from "../../../../lib/grid/chain/read/decode-twin";
import { decodeBalance } from "../../../../lib/grid/chain/read/get-balance";
import { decodeNode } from "../../../../lib/grid/chain/read/get-node";
import { makeCodecs } from "../../../../lib/grid/chain/runtime-codecs";
import { hex, metadataHexOf, storageJson } from "../../../support/tfchain-runtime";

const HASH = "d41d8cd98f00b204e9800998ecf8427e";
const ALICE = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

// The library tells which extensions of these runtimes it does not know.
jest.spyOn(console, "warn").mockImplementation(() => undefined);

describe.each([144, 152] as const)("records of runtime %i", (spec) => {
  const metadata = Buffer.from(metadataHexOf(spec).slice(2), "hex");
  const runtime = makeCodecs(library, { specVersion: spec }, metadata);
  const contract = (contractType: unknown, state: unknown = "Created") =>
    decodeContract(
      storageJson(runtime, ["smartContractModule", "contracts"], {
        version: 4,
        state,
        contractId: 2 ** 40,
        twinId: 7,
        contractType,
        solutionProviderId: null,
      }),
    );

  test("read a node contract with its hash as text and its data as UTF-8", () => {
    const ip = { ip: hex("185.1.2.3/24"), gateway: hex("185.1.2.1"), contractId: 2 ** 40 };
    const content = {
      nodeId: 14,
      deploymentHash: hex(HASH),
      deploymentData: hex('{"name":"grüße"}'),
      publicIps: 1,
      publicIpsList: [ip],
    };
    expect(contract({ NodeContract: content })).toEqual({
      kind: "node",
      contractId: 2 ** 40,
      twinId: 7,
      state: { kind: "Created" },
      nodeId: 14,
      deploymentHash: HASH,
      deploymentData: '{"name":"grüße"}',
      publicIps: 1,
      publicIpsList: [{ ip: "185.1.2.3/24", gateway: "185.1.2.1", contractId: 2 ** 40 }],
    });
  });

  test("read name and rent contracts, grace and endings", () => {
    expect(contract({ NameContract: { name: hex("shop") } }, { GracePeriod: 77 })).toMatchObject({
      kind: "name",
      name: "shop",
      state: { kind: "GracePeriod", sinceBlock: 77 },
    });
    expect(contract({ RentContract: { nodeId: 3 } }, { Deleted: "OutOfFunds" })).toMatchObject({
      kind: "rent",
      nodeId: 3,
      state: { kind: "Deleted", cause: "OutOfFunds" },
    });
  });

  test("refuse an id that a number cannot hold", () => {
    const json = storageJson(runtime, ["smartContractModule", "contracts"], { contractId: 2n ** 60n });
    expect(() => decodeContract(json)).toThrow(/contract id cannot be read/);
  });

  test("read a twin's relay as text and keep its key binary", () => {
    const twin = { id: 7, accountId: `0x${ALICE}`, relay: hex("relay.example.org"), entities: [], pk: "0x02ff00" };
    expect(decodeTwin(storageJson(runtime, ["tfgridModule", "twins"], twin))).toMatchObject({
      twinId: 7,
      relay: "relay.example.org",
      encryptionKey: Buffer.from("02ff00", "hex"),
    });
    const bare = decodeTwin(storageJson(runtime, ["tfgridModule", "twins"], { ...twin, relay: null, pk: null }));
    expect(bare).toMatchObject({ relay: undefined, encryptionKey: undefined });
    expect(Buffer.from(bare.accountId).toString("hex")).toBe(ALICE);
  });

  test.each([
    ["Up", "Up", false],
    ["Up", "Down", true],
    [{ Down: 12 }, "Up", true],
  ])("call a node in state %j with target %s standby: %s", (state, target, isStandby) => {
    const node = storageJson(runtime, ["tfgridModule", "nodes"], { id: 14, farmId: 2, twinId: 9 });
    const power = storageJson(runtime, ["tfgridModule", "nodePower"], { state, target });
    expect(decodeNode(node, power)).toEqual({ nodeId: 14, farmId: 2, twinId: 9, isStandby });
  });

  test("keep balances beyond 2^53 exact and take what is frozen or must stay from the usable part", () => {
    const account = (data: object) => storageJson(runtime, ["system", "account"], { data });
    expect(decodeBalance(account({ free: 2n ** 70n, reserved: 5, frozen: 0 }), 500n)).toEqual({
      free: 2n ** 70n,
      reserved: 5n,
      usable: 2n ** 70n - 500n,
    });
    expect(decodeBalance(account({ free: 1_000, frozen: 900 }), 500n).usable).toBe(100n);
    expect(decodeBalance(account({ free: 400 }), 500n).usable).toBe(0n);
  });
});
