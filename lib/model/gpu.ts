import type { Refusal } from "../core/bad-value";

/** A graphics card as its node tells of it. */
export interface Gpu {
  /** `slot/vendor/device`, the way a machine asks for it: `0000:28:00.0/1002/731f`. */
  readonly id: string;
  /** Vendor name. */
  readonly vendor: string;
  /** Device name. */
  readonly device: string;
  /** Memory in MiB; 0 when the node does not tell. */
  readonly vram: number;
  /** Contract of the machine that has it; 0 for none. */
  readonly contract: number;
}

/** Why a text names no graphics card; undefined when it may. @source zosbase pkg/gridtypes/zos/zmachine.go, type GPU */
export function gpuIdRefusal(id: string): Refusal | undefined {
  if (/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\/[0-9a-f]{4}\/[0-9a-f]{4}$/.test(id)) return undefined;
  return {
    given: id,
    allowed: "slot/vendor/device in lower case, such as 0000:28:00.0/1002/731f",
    remedy: "take it from data.threefold_node_gpus, which lists the cards of a node.",
  };
}

/** Reads what `zos.gpu.list` answers; nodes without cards answer null. */
export function parseGpus(answer: unknown): Gpu[] {
  return Array.isArray(answer) ? answer.flatMap(readGpu) : [];
}

function readGpu(value: unknown): Gpu[] {
  if (typeof value !== "object" || value === null) return [];
  const { id, vendor, device, vram, contract }: Readonly<Record<string, unknown>> = { ...value };
  if (typeof id !== "string") return [];
  return [{ id, vendor: textOf(vendor), device: textOf(device), vram: amountOf(vram), contract: amountOf(contract) }];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function amountOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
