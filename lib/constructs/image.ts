import { Token } from "cdktf";
import { closestName } from "../core/closest-name";
import type { GridError } from "../core/errors";
import { FLIST_URLS, isFlistUrl } from "../model/flist-url";
import { badValue } from "./private/problems";
import { Size } from "./size";

/** What an official image needs to start. */
interface OfficialImageFacts {
  /** Path on the hub, without `.flist`. */
  readonly path: string;
  readonly entrypoint?: string;
  readonly bootsFromDisk?: boolean;
  readonly rootSizeGib?: number;
}

/**
 * Images the grid's own people keep. "full" ones bring a kernel and systemd.
 *
 * @source threefoldtech/tfgrid-sdk-ts dashboard, October 2024; entrypoints are needed since nodes ignore those inside images
 */
const OFFICIAL = {
  "ubuntu-24.04": { path: "tf-official-vms/ubuntu-24.04-latest", entrypoint: "/sbin/zinit init" },
  "ubuntu-22.04": { path: "tf-official-apps/threefoldtech-ubuntu-22.04", entrypoint: "/sbin/zinit init" },
  "debian-12": { path: "tf-official-apps/threefoldtech-debian-12", entrypoint: "/sbin/zinit init" },
  "alpine-3": { path: "tf-official-apps/threefoldtech-alpine-3", entrypoint: "/entrypoint.sh" },
  arch: { path: "tf-official-vms/arch-mycelium", entrypoint: "/sbin/zinit init" },
  nixos: { path: "tf-official-vms/nixos-micro-latest", entrypoint: "/entrypoint.sh" },
  "ubuntu-24.04-full": { path: "tf-official-vms/ubuntu-24.04-full", rootSizeGib: 25 },
  "ubuntu-22.04-full": { path: "tf-official-vms/ubuntu-22.04", bootsFromDisk: true },
  "ubuntu-20.04-full": { path: "tf-official-vms/ubuntu-20.04-lts", bootsFromDisk: true },
  "nixos-22.11-full": { path: "tf-official-vms/nixos-22.11", bootsFromDisk: true },
} as const satisfies Record<string, OfficialImageFacts>;

/** Name of an official image. */
export type OfficialImage = keyof typeof OFFICIAL;

/** How an image of one's own starts. */
export interface FlistOptions {
  /**
   * Absolute path of the command inside the image, with its arguments.
   * @default what the node finds: nodes boot `/sbin/init`, whatever the image says
   */
  readonly entrypoint?: string;
  /** Whether it holds `/image.raw`, so that it is written to the first disk and boots from there. @default false */
  readonly bootsFromDisk?: boolean;
}

/**
 * What a machine boots.
 *
 * @example
 * Image.ubuntu("24.04")
 * Image.flist("https://hub.grid.tf/me.3bot/app-latest.flist", { entrypoint: "/bin/app --serve" })
 */
export class Image {
  private constructor(
    /** Address of the image. */
    readonly flist: string,
    /** Command that is started; undefined leaves it to the node. */
    readonly entrypoint: string | undefined,
    /** Whether the machine's first disk becomes its system disk. */
    readonly bootsFromDisk: boolean,
    /** Root filesystem it needs; undefined when the node's least is enough. */
    readonly rootSize: Size | undefined,
  ) {}

  /** Ubuntu without a kernel of its own: small, starts in seconds, with an SSH server. @default "24.04" */
  static ubuntu(version: "24.04" | "22.04" = "24.04"): Image {
    return Image.official(`ubuntu-${version}`);
  }

  /** One of the images that the grid's own people keep. They take `sshKeys`. @throws {GridError} TFG_BAD_VALUE for a name that is none */
  static official(name: OfficialImage): Image {
    if (!Object.hasOwn(OFFICIAL, name)) throw noOfficialImage(String(name));
    const { path, entrypoint, bootsFromDisk, rootSizeGib }: OfficialImageFacts = OFFICIAL[name];
    const rootSize = rootSizeGib === undefined ? undefined : Size.gib(rootSizeGib);
    return new Image(`https://hub.grid.tf/${path}.flist`, entrypoint, bootsFromDisk ?? false, rootSize);
  }

  /** An image of one's own. @throws {GridError} TFG_BAD_VALUE for anything but an http(s) address that ends with `.flist` or `.fl` */
  static flist(url: string, options: FlistOptions = {}): Image {
    if (!Token.isUnresolved(url) && !(typeof url === "string" && isFlistUrl(url))) {
      throw badValue({ attribute: ["An image's address"], given: String(url), allowed: FLIST_URLS });
    }
    return new Image(url, options.entrypoint, options.bootsFromDisk ?? false, undefined);
  }
}

function noOfficialImage(given: string): GridError {
  const names = Object.keys(OFFICIAL);
  const meant = closestName(given, names);
  return badValue({
    attribute: ["An official image"],
    given,
    allowed: names.join(", "),
    remedy: meant ? `write ${meant}.` : "use one of these names, or Image.flist(url) for another image.",
  });
}
