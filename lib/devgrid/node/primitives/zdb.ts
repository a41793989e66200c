import { createHash } from "node:crypto";
import { isLight } from "../hardware";
import { NodeError, UnchangedError } from "../node-error";
import type { NodeRuntime } from "../runtime/node-runtime";
import { publicIpv6Of } from "../runtime/public-ipv6";
import { NO_ACTION, type Primitive } from "./primitive";

const PORT = 9900;

/** Key-value store namespaces. @source zosbase pkg/primitives/zdb (node source) */
export const zdb: Primitive<"zdb"> = {
  provision({ data: { size } }, { node, id }) {
    if (!node.pools.find("zdb", id)) node.pools.allocateZdb(id, size);
    return resultOf(node, id);
  },

  update({ name, data }, { node, id, sibling }) {
    const current = sibling(name)?.workload;
    if (current?.type !== "zdb") throw new UnchangedError("namespace not found");
    const before = current.data;
    if (data.mode !== before.mode) throw new UnchangedError("cannot change namespace mode");
    if (data.size < before.size) throw new UnchangedError("cannot shrink zdb namespace");
    if (data.size === before.size && data.password === before.password && data.public === before.public) {
      return NO_ACTION;
    }
    const namespace = node.pools.find("zdb", id);
    if (!namespace) throw new NodeError("namespace not found");
    if (data.size - namespace.size > node.pools.roomBeside(namespace)) {
      throw new UnchangedError("no enough free space to support new size");
    }
    namespace.size = data.size;
    return resultOf(node, id);
  },

  deprovision(_workload, { node, id }) {
    node.pools.release("zdb", id);
  },
};

/** One store runs per disk, so every namespace on a disk answers at the same addresses. */
function resultOf(node: NodeRuntime, id: string): { Namespace: string; IPs: string[]; Port: number } {
  const { hardware, nodeId } = node.surroundings;
  const disk = node.pools.find("zdb", id)?.pool ?? "";
  const digits = createHash("md5").update(`zdb ${nodeId} ${disk}`).digest("hex");
  const tail = `${hex(digits, 0)}:${hex(digits, 1)}:${hex(digits, 2)}:${hex(digits, 3)}`;
  const overlay = `${hex(digits, 4)}:${hex(digits, 5)}:${hex(digits, 6)}`;
  const mycelium = `4${digits.slice(30, 32)}:${overlay}:${tail}`;
  if (isLight(hardware)) return { Namespace: id, IPs: [mycelium], Port: PORT };
  const publicIpv6 = publicIpv6Of(hardware, `zdb ${disk}`);
  const yggdrasil = `300:${overlay}:${tail}`;
  return { Namespace: id, IPs: [...(publicIpv6 ? [publicIpv6] : []), yggdrasil, mycelium], Port: PORT };
}

/** The n-th group of four digits without leading zeros, never zero: the address is canonical as it stands. */
function hex(digits: string, n: number): string {
  return (Number.parseInt(digits.slice(4 * n, 4 * n + 4), 16) || 1).toString(16);
}
