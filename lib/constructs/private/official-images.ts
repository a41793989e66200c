/** What is known of an image that others keep. */
export interface ImageFacts {
  /** Path on the hub, without `.flist`. */
  readonly path: string;
  /** Left to the node when undefined, as images with a kernel of their own want it. */
  readonly entrypoint?: string;
  /** Least size of the first disk, for an image that is written to it. */
  readonly bootDiskGib?: number;
  /** Root filesystem it needs; undefined when the node's least is enough. */
  readonly rootSizeGib?: number;
}

const ZINIT = "/sbin/zinit init";
const OFV = "tf-official-vms";
const OFA = "tf-official-apps";

/**
 * Images the grid's own people keep. "full" ones bring a kernel and systemd.
 *
 * @source threefoldtech/tfgrid-sdk-ts dashboard, October 2024; entrypoints are needed since nodes ignore those inside images
 */
export const officialImages = {
  "ubuntu-24.04": { path: `${OFV}/ubuntu-24.04-latest`, entrypoint: ZINIT },
  "ubuntu-22.04": { path: `${OFA}/threefoldtech-ubuntu-22.04`, entrypoint: ZINIT },
  "ubuntu-23.10": { path: `${OFV}/ubuntu-23.10-mycelium`, entrypoint: ZINIT },
  "debian-12": { path: `${OFA}/threefoldtech-debian-12`, entrypoint: ZINIT },
  "alpine-3": { path: `${OFA}/threefoldtech-alpine-3`, entrypoint: "/entrypoint.sh" },
  "centos-8": { path: `${OFA}/threefoldtech-centos-8`, entrypoint: "/entrypoint.sh" },
  arch: { path: `${OFV}/arch-mycelium`, entrypoint: ZINIT },
  nixos: { path: `${OFV}/nixos-micro-latest`, entrypoint: "/entrypoint.sh" },
  "ubuntu-24.04-full": { path: `${OFV}/ubuntu-24.04-full`, rootSizeGib: 25 },
  "ubuntu-22.04-full": { path: `${OFV}/ubuntu-22.04`, bootDiskGib: 15 },
  "ubuntu-20.04-full": { path: `${OFV}/ubuntu-20.04-lts`, bootDiskGib: 15 },
  "ubuntu-18.04-full": { path: `${OFV}/ubuntu-18.04-lts`, bootDiskGib: 15 },
  "nixos-22.11-full": { path: `${OFV}/nixos-22.11`, bootDiskGib: 15 },
} as const satisfies Record<string, ImageFacts>;
