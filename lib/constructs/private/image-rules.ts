import { Token } from "cdktf";
import type { GridError } from "../../core/errors";
import { plainMountPoint } from "../../model/mount-point";
import type { Size } from "../size";
import type { VirtualMachineProps } from "../virtual-machine";
import { badValue } from "./problems";

/** An image that boots from disk is written to the first one. */
export function checkBootDisk({ image, disks = [] }: VirtualMachineProps): GridError[] {
  if (typeof image === "string" || !image.bootsFromDisk) return [];
  const [first] = disks;
  if (!first) {
    const allowed = "at least one disk: this image is written to the first and boots from it";
    return [badValue({ attribute: ["disks"], allowed, remedy: "add a disk of 25 GiB or more as the first." })];
  }
  if (!isBelow(first.size, image.bootDisk)) return [];
  const allowed = `${image.bootDisk?.toGib()} GiB or more for the disk that this image is written to`;
  return [badValue({ attribute: ["disks", 0, "size"], given: `${first.size.toGib()} GiB`, allowed })];
}

/** What the application of an image does not start without. */
export function checkImageNeeds(props: VirtualMachineProps): GridError[] {
  const { image, cpu, memory } = props;
  if (typeof image === "string" || !image.needs) return [];
  const { needs } = image;
  const isFewer = !Token.isUnresolved(cpu) && cpu < needs.cpu;
  return [
    ...(isFewer ? [tooLittle(["cpu"], cpu, `${needs.cpu} or more`)] : []),
    ...(isBelow(memory, needs.memory)
      ? [tooLittle(["memory"], `${memory.toMib()} MiB`, `${needs.memory.toMib()} MiB or more`)]
      : []),
    ...Object.entries(needs.disks).flatMap(([mountPoint, least]) => checkDisk(props, mountPoint, least)),
    ...checkVariables(props, needs.env),
    ...(needs.publicIpv4 && props.publicIpv4 !== true
      ? [badValue({ attribute: ["publicIpv4"], given: false, allowed: `true ${FOR}: nothing else reaches it` })]
      : []),
  ];
}

const FOR = "for the application of this image";

function tooLittle(attribute: readonly (string | number)[], given: string | number, least: string): GridError {
  return badValue({ attribute, given, allowed: `${least} ${FOR}` });
}

function checkDisk({ disks = [] }: VirtualMachineProps, mountPoint: string, least: Size): GridError[] {
  const index = disks.findIndex((disk) => plainMountPoint(disk.mountPoint) === mountPoint);
  const size = disks[index]?.size;
  const wanted = `${least.toGib()} GiB or more`;
  if (size) return isBelow(size, least) ? [tooLittle(["disks", index, "size"], `${size.toGib()} GiB`, wanted)] : [];
  if (disks.some((disk) => Token.isUnresolved(disk.mountPoint))) return [];
  const what = `has none at ${mountPoint}, where the application of this image keeps its data`;
  return [badValue({ attribute: ["disks"], what, allowed: `a disk of ${wanted} at ${mountPoint}` })];
}

function checkVariables({ env = {}, secretEnv = {} }: VirtualMachineProps, wanted: readonly string[]): GridError[] {
  const missing = wanted.filter((name) => !Object.hasOwn(env, name) && !Object.hasOwn(secretEnv, name));
  if (missing.length === 0) return [];
  const what = `lacks ${missing.join(", ")}, without which the application of this image does not start`;
  const remedy = "set them in env; passwords and keys in secretEnv.";
  return [badValue({ attribute: ["env"], what, allowed: wanted.join(", "), remedy })];
}

/** Whether a size that is known is less than the least. */
function isBelow(size: Size, least: Size | undefined): boolean {
  return least !== undefined && !Token.isUnresolved(size.toMib()) && size.toMib() < least.toMib();
}
