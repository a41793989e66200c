import { NodeError, trying } from "../node-error";
import { NO_ACTION, type Primitive } from "./primitive";

/** Shared directories with a quota. @source zosbase pkg/primitives/volume (node source) */
export const volume: Primitive<"volume"> = {
  provision({ data: { size } }, { node, id }) {
    if (node.pools.find("volume", id)) return NO_ACTION;
    trying(`failed to create new volume with name "${id}"`, () => node.pools.allocate("volume", id, size));
    return { id };
  },

  update({ data: { size } }, { node, id }) {
    const existing = node.pools.find("volume", id);
    if (!existing) throw new NodeError(`no volume with name "${id}" found`);
    if (size < existing.size) {
      const detail = `old: ${existing.size}, requested: ${size}`;
      throw new NodeError(`cannot shrink volume to be less than provisioned space. ${detail}`);
    }
    // A quota is only a limit: the node raises it without asking the pool for room.
    existing.size = size;
    return { id };
  },

  deprovision(_workload, { node, id }) {
    node.pools.release("volume", id);
  },
};
