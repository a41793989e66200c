import { posix } from "node:path";
import type { Workload } from "../../../model/workloads/workload";
import { NodeError, trying } from "../node-error";
import type { MachineBoot } from "../runtime/machine-host";
import { type BootMode, mountFlist } from "./flist";
import { checkGpus } from "./gpu";
import type { CurrentWorkload, Site } from "./primitive";

/** A machine of either node family. */
export type AnyMachine = Workload<"zmachine"> | Workload<"zmachine-light">;

/** Everything after the network: mounts the image and the disks, takes root storage, starts the machine. */
export function boot(machine: AnyMachine, rootBytes: number, site: Site): void {
  const { node, id } = site;
  const mode = trying(`failed to mount flist: ${id}`, () => mountFlist(machine.data.flist));
  const hadRoot = node.pools.find("volume", rootId(id)) !== undefined;
  try {
    if (mode.kind === "container") prepareContainer(machine, rootBytes, site);
    else prepareDiskImage(machine, mode, site);
    start(machine, mode, site);
  } catch (error) {
    // The root volume of a machine that never ran is given back.
    if (!hadRoot) node.pools.release("volume", rootId(id));
    throw error;
  }
}

/** Stops a machine and drops its root filesystem; its disks stay. */
export function shutDown(_machine: AnyMachine, { node, id }: Site): void {
  node.machines.delete(id);
  node.surroundings.machineHost?.stopped(id);
  node.pools.release("volume", rootId(id));
}

function rootId(id: string): string {
  return `rootfs:${id}`;
}

function prepareContainer(machine: AnyMachine, rootBytes: number, site: Site): void {
  const { pools } = site.node;
  if (!pools.find("volume", rootId(site.id))) {
    trying("failed to create vm rootfs", () => pools.allocate("volume", rootId(site.id), rootBytes));
  }
  for (const mount of machine.data.mounts) checkMount(mount.name, site);
}

/** The first disk gets the image, unless it has a filesystem already; it needs no mount point. */
function prepareDiskImage(machine: AnyMachine, mode: BootMode & { kind: "disk" }, site: Site): void {
  const [bootMount, ...others] = machine.data.mounts;
  if (!bootMount) throw new NodeError("at least one mount has to be attached for Vm mode");
  const disk = requireSibling(bootMount.name, site);
  if (disk.workload.type !== "zmount") throw new NodeError("mount is not a valid disk workload");
  if (disk.workload.result.state !== "ok") throw new NodeError("boot disk was not deployed correctly");
  if ((site.node.pools.find("disk", disk.id)?.size ?? 0) < mode.imageBytes) {
    throw new NodeError("failed to write image to disk: image size is bigger than disk");
  }
  for (const mount of others) checkMount(mount.name, site);
}

function checkMount(name: string, site: Site): void {
  const { workload } = trying(`failed to get mount '${name}' workload`, () => requireSibling(name, site));
  if (workload.result.state !== "ok") throw new NodeError(`invalid disk '${name}' state`);
  if (!["zmount", "qsfs", "volume"].includes(workload.type)) {
    throw new NodeError(`expecting a reservation of type 'zmount' or 'qsfs' for disk '${name}'`);
  }
}

function requireSibling(name: string, site: Site): CurrentWorkload {
  const sibling = site.sibling(name);
  if (!sibling) throw new NodeError("workload not found");
  return sibling;
}

function start(machine: AnyMachine, mode: BootMode, site: Site): void {
  const { data } = machine;
  const { node, id, sibling } = site;
  trying("machine configuration validation failed", () => {
    const cores = node.surroundings.hardware.resources.cru;
    const { cpu } = data.compute_capacity;
    if (cpu < 1 || cpu > cores) throw new NodeError(`invalid cpu must be between 1 and ${cores}`);
    const mounts = mode.kind === "disk" ? data.mounts.slice(1) : data.mounts;
    for (const { name, mountpoint } of mounts) {
      if (posix.normalize(mountpoint) !== "/") continue;
      const what = sibling(name)?.workload.type === "zmount" ? "disk" : "virtiofs";
      throw new NodeError(`validating ${what} ${mountpoint}: mount target can't be /`);
    }
  });
  checkGpus(data.gpu ?? [], node);
  node.machines.set(id, { id, gpus: data.gpu ?? [] });
  node.surroundings.machineHost?.started(bootOf(machine, site));
}

function bootOf({ data }: AnyMachine, { node, id, twinId, sibling }: Site): MachineBoot {
  const [link] = data.network.interfaces;
  const mounts = data.mounts.map(({ name, mountpoint }) => [posix.normalize(mountpoint), sibling(name)?.id ?? name]);
  return {
    id,
    twinId,
    contractId: Number(id.split("-")[1]),
    nodeId: node.surroundings.nodeId,
    flist: data.flist,
    env: { ...data.env },
    network: link?.network ?? "",
    ip: link?.ip ?? "",
    mounts: Object.fromEntries(mounts),
  };
}
