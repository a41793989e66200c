import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Metadata, TypeRegistry } from "@polkadot/types";
import type { MetadataLatest, PalletMetadataLatest, SiField } from "@polkadot/types/interfaces";
import { encodeMetadata } from "../../../lib/devgrid/chain/pallets/metadata";

/** Metadata with the questions this comparison asks of it. */
class Described {
  readonly latest: MetadataLatest;
  readonly #versioned: Metadata;

  constructor(hex: string) {
    this.#versioned = new Metadata(new TypeRegistry(), hex as `0x${string}`);
    this.latest = this.#versioned.asLatest;
  }

  /** What an extrinsic carries and signs beside its call; newer forms of metadata lose the second. */
  extensions(): string[][] {
    return this.#versioned.asV14.extrinsic.signedExtensions.map((one) => [
      one.identifier.toString(),
      this.shape(one.type),
      this.shape(one.additionalSigned),
    ]);
  }

  pallet(name: string): PalletMetadataLatest {
    const found = this.latest.pallets.find((one) => one.name.toString() === name);
    if (!found) throw new Error(`no pallet ${name}`);
    return found;
  }

  /** Calls, events or errors: indexes, names, and fields with their shapes. */
  variants(name: string, part: "calls" | "events" | "errors"): object[] {
    const type = this.pallet(name)[part];
    if (type.isNone) return [];
    return this.latest.lookup.getSiType(type.unwrap().type).def.asVariant.variants.map((one) => ({
      index: one.index.toNumber(),
      name: one.name.toString(),
      fields: one.fields.map((field) => [nameOf(field), this.shape(field.type)]),
    }));
  }

  storage(name: string): { name: string }[] {
    return this.pallet(name)
      .storage.unwrap()
      .items.map((item) => ({
        name: item.name.toString(),
        modifier: item.modifier.toString(),
        fallback: item.fallback.toHex(),
        hashers: item.type.isMap ? item.type.asMap.hashers.map(String) : [],
        key: item.type.isMap ? this.shape(item.type.asMap.key) : "",
        value: this.shape(item.type.isMap ? item.type.asMap.value : item.type.asPlain),
      }));
  }

  /** A type by its bytes: a wrapper of one unnamed field is what it wraps, for it changes no byte. */
  shape(id: SiField["type"]): string {
    const { def, path } = this.latest.lookup.getSiType(id);
    const name = path.at(-1)?.toString();
    if (name === "RuntimeCall" || name === "RuntimeEvent" || name === "OriginCaller") return name;
    if (def.isPrimitive) return def.asPrimitive.type.toLowerCase();
    if (def.isSequence) return `vec(${this.shape(def.asSequence.type)})`;
    if (def.isArray) return `[${this.shape(def.asArray.type)};${def.asArray.len}]`;
    if (def.isCompact) return `compact(${this.shape(def.asCompact.type)})`;
    if (def.isTuple) return `(${def.asTuple.map((item) => this.shape(item)).join(",")})`;
    if (def.isComposite) return this.#fields([...def.asComposite.fields]);
    return `enum(${def.asVariant.variants.map((one) => `${one.index}:${one.name}${this.#fields([...one.fields])}`)})`;
  }

  #fields(fields: SiField[]): string {
    const [only] = fields;
    if (fields.length === 1 && only && nameOf(only) === null) return this.shape(only.type);
    return `{${fields.map((field) => `${nameOf(field)}:${this.shape(field.type)}`)}}`;
  }
}

function nameOf({ name }: SiField): string | null {
  return name.isSome ? name.unwrap().toString() : null;
}

const ours = new Described(`0x${encodeMetadata().toString("hex")}`);
const live = new Described(readFileSync(join(__dirname, "../../vectors/tfchain-152-metadata.hex"), "utf8").trim());

const GRID = ["TfgridModule", "SmartContractModule", "TFTPriceModule", "TFKVStore"];
const EVERY = ["System", "Timestamp", "Utility", "Balances", "TransactionPayment", ...GRID];

describe("metadata against that of the live network at spec 152", () => {
  test.each(EVERY)(
    "%s has the same index, calls, events and errors, with the same fields in the same order",
    (name) => {
      expect(ours.pallet(name).index.toNumber()).toBe(live.pallet(name).index.toNumber());
      expect(ours.variants(name, "calls")).toEqual(live.variants(name, "calls"));
      expect(ours.variants(name, "events")).toEqual(live.variants(name, "events"));
      expect(ours.variants(name, "errors")).toEqual(live.variants(name, "errors"));
    },
  );

  test.each([...GRID, "Timestamp", "Balances", "TransactionPayment"])(
    "%s has the same storage: names, hashers, keys, values and defaults",
    (name) => {
      expect(live.storage(name).length).toBeGreaterThan(0);
      expect(ours.storage(name)).toEqual(live.storage(name));
    },
  );

  test("what System stores is stored the same way", () => {
    const theirs = new Map(live.storage("System").map((item) => [item.name, item]));
    const mine = ours.storage("System");
    expect(mine.map(({ name }) => name)).toEqual(expect.arrayContaining(["Account", "BlockHash", "Events", "Number"]));
    for (const item of mine) expect(item).toEqual(theirs.get(item.name));
  });

  test("constants have the same bytes", () => {
    // Version lists the runtime functions that are served; the proof sizes of BlockWeights are rounded.
    const skipped = ["Version", "BlockWeights"];
    const constantsOf = (described: Described, name: string) =>
      described
        .pallet(name)
        .constants.map((one) => [one.name.toString(), described.shape(one.type), one.value.toHex()])
        .filter(([constant]) => !skipped.includes(constant ?? ""));
    for (const name of EVERY) expect(constantsOf(ours, name)).toEqual(constantsOf(live, name));
  });

  test("the signed extensions are the same, in order, and sign the same types", () => {
    expect(ours.extensions()).toEqual(live.extensions());
    expect(ours.extensions()).toHaveLength(9);
  });
});
