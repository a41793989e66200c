import { workloadModels } from "../model/workloads/registry";
import type { WantedWorkload } from "./deployment-target";

/**
 * What a workload says, in one comparable text: two workloads are the same exactly when their texts are. Versions and
 * results do not count, and neither does the spelling of addresses, keys and hexadecimal digits.
 */
export function workloadContent(workload: WantedWorkload): string {
  const { name, type, metadata, description } = workload;
  const data = workloadModels[type].read(workload.data, name);
  return JSON.stringify([name, type, metadata, description, sorted(data)]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
