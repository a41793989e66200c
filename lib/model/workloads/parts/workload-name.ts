/** Longest name, because it becomes a virtio tag. @source zosbase pkg/gridtypes/id.go */
const MAX_NAME_BYTES = 36;

/** Why the node refuses a workload name, in its words; undefined when it is valid. @source zosbase pkg/gridtypes/id.go */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "name cannot be empty";
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return "name cannot exceed 36 characters";
  if (!/^[a-zA-Z0-9_]+$/.test(name)) return "unsupported character in workload name";
  if (name === "ygg") return "invalid name 'ygg' is reserved";
  return undefined;
}
