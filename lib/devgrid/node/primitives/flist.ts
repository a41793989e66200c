import { GIB } from "../../../core/units";
import { parseUrl } from "../../../model/wire/url";
import { NodeError } from "../node-error";

/** What a machine boots from. */
export type BootMode =
  | { readonly kind: "container" }
  /** The image is written to the first disk, which must be at least this many bytes. */
  | { readonly kind: "disk"; readonly imageBytes: number };

/** Official flists that hold a disk image. @source dashboard of the grid, facts of official images */
const DISK_IMAGES = [
  "tf-official-vms/ubuntu-18.04-lts.flist",
  "tf-official-vms/ubuntu-20.04-lts.flist",
  "tf-official-vms/ubuntu-22.04.flist",
  "tf-official-vms/nixos-22.11.flist",
  "tf-official-vms/node-pilot-zdbfs.flist",
];

/** Size that every disk image is taken to have: nothing is downloaded here. */
const IMAGE_BYTES = 2 * GIB;

/**
 * Mounts an flist as far as its address goes and tells what is in it.
 *
 * @throws {NodeError} for a scheme that can't be downloaded or a file that is no flist
 * @source zosbase pkg/flist/flist.go (node source)
 */
export function mountFlist(url: string): BootMode {
  const parsed = parseUrl(url);
  const scheme = "problem" in parsed ? "" : parsed.scheme;
  if (scheme !== "http" && scheme !== "https") {
    throw new NodeError(`Get "${url}": unsupported protocol scheme "${scheme}"`);
  }
  const extension = /\.[^./]*$/.exec(url)?.[0] ?? "";
  if (extension !== ".flist" && extension !== ".fl") throw new NodeError(`unknown extension: '${extension}'`);
  const isDiskImage = DISK_IMAGES.some((image) => url.endsWith(`/${image}`));
  return isDiskImage ? { kind: "disk", imageBytes: IMAGE_BYTES } : { kind: "container" };
}
