import type { RuntimeCall } from "../pallets/runtime";

/** Picoseconds of calls as measured on the real runtime. @source tfchain runtime 144, observed */
const MEASURED: Readonly<Record<string, number>> = {
  "SmartContractModule.create_node_contract": 1_220_000_000,
  "SmartContractModule.update_node_contract": 540_000_000,
  "SmartContractModule.cancel_contract": 1_060_000_000,
  "SmartContractModule.create_name_contract": 710_000_000,
  "SmartContractModule.create_rent_contract": 710_000_000,
};

/** What other calls are taken for: not measured, about a plain storage change. */
const OTHER = 300_000_000;

/** What a batch adds for each call it holds: with it 1 061 node contracts are just too heavy, as observed. */
const PER_BATCHED_CALL = 5_500_000;

const BATCHES: ReadonlySet<string> = new Set(["batch", "batch_all", "force_batch"]);

/** Execution time a call is charged for, in picoseconds. */
export function weightOf(call: RuntimeCall): number {
  if (call.pallet !== "Utility" || !BATCHES.has(call.name)) return MEASURED[`${call.pallet}.${call.name}`] ?? OTHER;
  const calls = call.args.calls as readonly RuntimeCall[];
  return calls.reduce((sum, inner) => sum + PER_BATCHED_CALL + weightOf(inner), PER_BATCHED_CALL);
}
