import { trying, UnchangedError } from "../node-error";
import { NO_ACTION, type Primitive, type Site } from "./primitive";

/** Virtual disks. @source zosbase pkg/primitives/zmount (node source) */
export const zmount: Primitive<"zmount"> = {
  provision({ data: { size } }, { node, id }) {
    if (!node.pools.find("disk", id)) {
      trying(`failed to find a candidate to host vdisk of size '${size}'`, () => node.pools.allocate("disk", id, size));
    }
    return { volume_id: id };
  },

  update({ name, data: { size } }, site) {
    const current = site.sibling(name)?.workload;
    const before = current?.type === "zmount" ? current.data.size : 0;
    if (size === before) return NO_ACTION;
    if (size < before) throw new UnchangedError("not safe to shrink a disk");
    if (isMounted(name, site)) throw new UnchangedError("disk is mounted, please delete the VM first");
    const disk = site.node.pools.find("disk", site.id);
    if (!disk) throw new UnchangedError(`disk with id '${site.id}' does not exists: file does not exist`);
    if (size - disk.size > site.node.pools.roomBeside(disk)) {
      throw new UnchangedError("failed to truncate disk to size: no space left on device");
    }
    disk.size = size;
    return { volume_id: site.id };
  },

  deprovision(_workload, { node, id }) {
    node.pools.release("disk", id);
    node.surroundings.machineHost?.wiped(id);
  },
};

/** Machines of light nodes are not looked at: so does the real node. */
function isMounted(name: string, site: Site): boolean {
  return site
    .siblings()
    .some(
      ({ workload }) =>
        workload.type === "zmachine" &&
        ["ok", "paused"].includes(workload.result.state) &&
        workload.data.mounts.some((mount) => mount.name === name),
    );
}
