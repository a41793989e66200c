import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Metadata, TypeRegistry } from "@polkadot/types";
import fc from "fast-check";
import { runtimeCall, SmartContractModule, System, TfgridModule } from "../../../lib/devgrid/chain/pallets/runtime";
import { ByteReader, ByteWriter, ScaleError } from "../../../lib/devgrid/chain/scale/bytes";
import type { Codec, TypeOf } from "../../../lib/devgrid/chain/scale/codec";
import { decodeValue, encodeValue } from "../../../lib/devgrid/chain/scale/codec";
import { bytes, compactU128, u64, u128 } from "../../../lib/devgrid/chain/scale/primitives";

const vector = readFileSync(join(__dirname, "../../vectors/tfchain-152-metadata.hex"), "utf8").trim();
const registry = new TypeRegistry();
const metadata = new Metadata(registry, vector as `0x${string}`);
registry.setMetadata(metadata, undefined, undefined, true);

/** Encodes JSON as the value of a storage item by the live network's own description. */
function encodeLive(pallet: string, name: string, value: unknown): string {
  const found = metadata.asLatest.pallets.find((one) => one.name.toString() === pallet);
  const item = found?.storage.unwrap().items.find((one) => one.name.toString() === name);
  if (!item) throw new Error(`no ${pallet}.${name}`);
  const type = item.type.isMap ? item.type.asMap.value : item.type.asPlain;
  return registry.createType(registry.createLookupType(type), value).toHex();
}

function encodeOurs<V>(item: { readonly value: Codec<V> }, value: V): string {
  return `0x${encodeValue(item.value, value).toString("hex")}`;
}

const HASH = "d41d8cd98f00b204e9800998ecf8427e";
const ACCOUNT = "ab".repeat(32);

const contract: TypeOf<typeof SmartContractModule.storage.Contracts.value> = {
  version: 4,
  state: { kind: "GracePeriod", value: 201_600 },
  contract_id: 4021,
  twin_id: 7,
  contract_type: {
    kind: "NodeContract",
    value: {
      node_id: 14,
      deployment_hash: HASH,
      deployment_data: '{"type":"vm"}',
      public_ips: 1,
      public_ips_list: [{ ip: "185.69.166.10/24", gateway: "185.69.166.1", contract_id: 4021 }],
    },
  },
  solution_provider_id: undefined,
};

describe("values as bytes", () => {
  test("a contract reads by the live network's types as it was written", () => {
    const live = encodeLive("SmartContractModule", "Contracts", {
      version: 4,
      state: { GracePeriod: 201_600 },
      contractId: 4021,
      twinId: 7,
      contractType: {
        NodeContract: {
          nodeId: 14,
          deploymentHash: HASH,
          deploymentData: '{"type":"vm"}',
          publicIps: 1,
          publicIpsList: [{ ip: "185.69.166.10/24", gateway: "185.69.166.1", contractId: 4021 }],
        },
      },
      solutionProviderId: null,
    });
    expect(encodeOurs(SmartContractModule.storage.Contracts, contract)).toBe(live);
  });

  test("a twin and an account read by the live network's types as they were written", () => {
    const pk = "\x02".repeat(33);
    expect(
      encodeOurs(TfgridModule.storage.Twins, { id: 7, account_id: ACCOUNT, relay: "r.grid.tf", entities: [], pk }),
    ).toBe(
      encodeLive("TfgridModule", "Twins", {
        id: 7,
        accountId: `0x${ACCOUNT}`,
        relay: "r.grid.tf",
        entities: [],
        pk: `0x${"02".repeat(33)}`,
      }),
    );
    const data = { free: 10n ** 20n, reserved: 1n, frozen: 0n, flags: 1n << 127n };
    const info = { nonce: 3, consumers: 1, providers: 1, sufficients: 0 };
    expect(encodeOurs(System.storage.Account, { ...info, data })).toBe(
      encodeLive("System", "Account", { ...info, data }),
    );
  });

  test("storage keys are those of the live network", () => {
    const live = metadata.asLatest.pallets.find((one) => one.name.toString() === "SmartContractModule");
    expect(live?.storage.unwrap().prefix.toString()).toBe("SmartContractModule");
    const item = SmartContractModule.storage.ContractIDByNodeIDAndHash;
    const key = item.storageKey([14, HASH]);
    expect(item.parseKey(Buffer.from(key.slice(64), "hex"))).toEqual([14, HASH]);
    expect(item.parseKey(Buffer.from(`${key}00`.slice(64), "hex"))).toBeUndefined();
    // twox128("System"), twox128("Number"): known to every Substrate client.
    expect(System.storage.Number.storageKey([])).toBe(
      "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac",
    );
  });

  test("what was encoded decodes to the same, whatever the numbers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
        expect(decodeValue(compactU128, encodeValue(compactU128, value))).toBe(value);
        expect(decodeValue(u128, encodeValue(u128, value))).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ maxLength: 100 }), (value, raw) => {
        const text = Buffer.from(raw).toString("latin1");
        expect(decodeValue(u64, encodeValue(u64, value))).toBe(value);
        expect(decodeValue(bytes(), encodeValue(bytes(), text))).toBe(text);
      }),
    );
  });

  test("compact numbers are those of the library, and only in their shortest form", () => {
    for (const value of [0n, 63n, 64n, 16_383n, 16_384n, (1n << 30n) - 1n, 1n << 30n, 10n ** 20n]) {
      const out = new ByteWriter();
      out.compact(value);
      expect(out.finish().toString("hex")).toBe(
        Buffer.from(registry.createType("Compact<u128>", value).toU8a()).toString("hex"),
      );
    }
    for (const padded of ["0100", "02000000", "0300000000"]) {
      expect(() => new ByteReader(Buffer.from(padded, "hex")).compact()).toThrow(ScaleError);
    }
  });

  test("no bytes a stranger can send make a call decoder do anything but decode or refuse", () => {
    const isRefusal = (error: unknown) => error instanceof ScaleError;
    fc.assert(
      fc.property(fc.constantFrom(0, 3, 20, 25, 26, 30), fc.uint8Array({ maxLength: 200 }), (pallet, rest) => {
        try {
          const call = decodeValue(runtimeCall, Buffer.from([pallet, ...rest]));
          // Numbers above 2^53 are rounded, so only the length is sure to be the same.
          expect(encodeValue(runtimeCall, call)).toHaveLength(rest.length + 1);
        } catch (error) {
          expect(isRefusal(error) || error).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("a length that promises more than there is, is refused before anything is set aside for it", () => {
    expect(() => decodeValue(bytes(), Buffer.from("feffffff00", "hex"))).toThrow(ScaleError);
    expect(() =>
      decodeValue(SmartContractModule.storage.ActiveNodeContracts.value, Buffer.from("feffffff", "hex")),
    ).toThrow(ScaleError);
  });
});
