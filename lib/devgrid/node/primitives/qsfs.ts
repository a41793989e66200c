import { isLight } from "../hardware";
import { NodeError, trying } from "../node-error";
import { yggdrasilAddress } from "./machine-network";
import type { Primitive, Site } from "./primitive";

/** Distributed file systems; only their cache lies on the node. @source zosbase pkg/primitives/qsfs, pkg/qsfsd */
export const qsfs: Primitive<"qsfs"> = {
  provision({ data: { cache } }, site) {
    const { node, id } = site;
    if (isLight(node.surroundings.hardware)) {
      throw new NodeError("failed to create qsfs mount: failed to prepare qsfs: remote object 'network' not found");
    }
    if (!node.pools.find("volume", cacheId(id))) {
      trying("failed to create qsfs mount: failed to mount qsfs flist", () =>
        node.pools.allocate("volume", cacheId(id), cache),
      );
    }
    return resultOf(site);
  },

  update({ data: { cache } }, site) {
    const volume = site.node.pools.find("volume", cacheId(site.id));
    if (!volume) throw new NodeError("failed to update qsfs mount: not mounted");
    volume.size = cache;
    return resultOf(site);
  },

  deprovision(_workload, { node, id }) {
    node.pools.release("volume", cacheId(id));
  },
};

function cacheId(id: string): string {
  return `qsfs:${id}`;
}

/** Each is served in a place of its own, which has its own Yggdrasil address. */
function resultOf(site: Site): { path: string; metrics_endpoint: string } {
  const address = yggdrasilAddress({ ...site, id: cacheId(site.id) });
  return { path: `/var/cache/modules/qsfsd/mounts/${site.id}`, metrics_endpoint: `http://[${address}]:9100/metrics` };
}
