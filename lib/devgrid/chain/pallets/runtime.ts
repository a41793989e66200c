import { ScaleError } from "../scale/bytes";
import type { Codec, TypeOf } from "../scale/codec";
import { decodeFields, encodeFields, struct, vec } from "../scale/composites";
import type { TypeTable } from "../scale/type-table";
import { field, variantsOf } from "../scale/type-table";
import { Balances } from "./balances";
import { TFKVStore } from "./kv-store";
import type { Pallet } from "./pallet";
import { definePallet, describeCalls, describeEvents } from "./pallet";
import { SmartContractModule } from "./smart-contract";
import { plain } from "./storage-item";
import { System as SystemPallet, Timestamp, TransactionPayment } from "./system";
import { h256, phase } from "./system-types";
import { TfgridModule } from "./tfgrid";
import { TFTPriceModule } from "./tft-price";
import { utilityPallet } from "./utility";

/** A decoded call. */
export interface RuntimeCall {
  readonly pallet: string;
  readonly name: string;
  readonly args: { readonly [name: string]: unknown };
}

/** An event of any pallet; `data` is an object or a tuple, as the pallet describes it. */
export interface RuntimeEvent {
  readonly pallet: string;
  readonly name: string;
  readonly data: unknown;
}

/** One entry of a two-level enum: pallet index, then the entry's own index. */
interface Entry {
  readonly pallet: Pallet;
  readonly name: string;
  readonly index: number;
  readonly fields: Parameters<typeof decodeFields>[0];
}

/** An enum over pallets whose variants are enums over their entries; its list is asked for late, as batches hold calls. */
function palletUnion<T>(options: {
  readonly path: string;
  readonly entries: (pallet: Pallet) => Omit<Entry, "pallet">[];
  readonly describe: (pallet: Pallet, types: TypeTable) => number;
  readonly make: (pallet: string, name: string, values: unknown) => T;
  readonly parts: (value: T) => { pallet: string; name: string; values: unknown };
}): Codec<T> {
  let all: Entry[] | undefined;
  const listed = () => {
    all ??= pallets.flatMap((pallet) => options.entries(pallet).map((entry) => ({ pallet, ...entry })));
    return all;
  };
  const self: Codec<T> = {
    describe: (types) =>
      types.named(self, () => ({
        path: options.path,
        def: variantsOf(
          pallets
            .filter((pallet) => options.entries(pallet).length > 0)
            .map((pallet) => ({
              name: pallet.name,
              index: pallet.index,
              fields: [field(options.describe(pallet, types))],
            })),
        ),
      })),
    encode: (value, out) => {
      const { pallet, name, values } = options.parts(value);
      const entry = listed().find((one) => one.pallet.name === pallet && one.name === name);
      if (!entry) throw new ScaleError(`${options.path} has no ${pallet}.${name}`);
      out.uint(BigInt(entry.pallet.index), 1);
      out.uint(BigInt(entry.index), 1);
      encodeFields(entry.fields, values as never, out);
    },
    decode: (input) =>
      input.nested(() => {
        const [palletIndex, index] = input.take(2);
        const entry = listed().find((one) => one.pallet.index === palletIndex && one.index === index);
        if (!entry) throw new ScaleError(`${options.path} has no ${palletIndex}.${index}`);
        return options.make(entry.pallet.name, entry.name, decodeFields(entry.fields, input));
      }),
  };
  return self;
}

/** Any call. */
export const runtimeCall: Codec<RuntimeCall> = palletUnion<RuntimeCall>({
  path: "tfchain_runtime::RuntimeCall",
  entries: ({ calls }) => Object.entries(calls).map(([name, { index, args }]) => ({ name, index, fields: args })),
  describe: describeCalls,
  make: (pallet, name, values) => ({ pallet, name, args: values as RuntimeCall["args"] }),
  parts: ({ pallet, name, args }) => ({ pallet, name, values: args }),
});

/** Any event. */
export const runtimeEvent: Codec<RuntimeEvent> = palletUnion<RuntimeEvent>({
  path: "tfchain_runtime::RuntimeEvent",
  entries: ({ events }) => Object.entries(events).map(([name, fields], index) => ({ name, index, fields })),
  describe: describeEvents,
  make: (pallet, name, values) => ({ pallet, name, data: values }),
  parts: ({ pallet, name, data }) => ({ pallet, name, values: data }),
});

const eventRecord = struct(
  "frame_system::EventRecord",
  { phase, event: runtimeEvent, topics: vec(h256) },
  { E: runtimeEvent, T: h256 },
);

/** An event and when in its block it happened. */
export type EventRecord = TypeOf<typeof eventRecord>;

/** Accounts, blocks and the events of the block. */
export const System = definePallet({
  ...SystemPallet,
  storage: { ...SystemPallet.storage, Events: plain(vec(eventRecord), []) },
});

/** Batches. */
export const Utility = utilityPallet(runtimeCall);

/** Every pallet of the runtime, by index. */
export const pallets: readonly Pallet[] = [
  System,
  Timestamp,
  Utility,
  Balances,
  TransactionPayment,
  TfgridModule,
  SmartContractModule,
  TFTPriceModule,
  TFKVStore,
];

export { Balances, SmartContractModule, TFKVStore, TFTPriceModule, TfgridModule, Timestamp, TransactionPayment };
