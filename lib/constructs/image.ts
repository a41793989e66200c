import { Token } from "cdktf";
import { closestName } from "../core/closest-name";
import type { GridError } from "../core/errors";
import { FLIST_URLS, isFlistUrl } from "../model/flist-url";
import { type ApplicationFacts, applicationImages } from "./private/application-images";
import { commandLine, dockerFlistName, dockerReferenceRefusal, inDirectory } from "./private/docker-reference";
import { type ImageFacts, officialImages } from "./private/official-images";
import { badValue } from "./private/problems";
import { Size } from "./size";

/** Name of an official image. */
export type OfficialImage = keyof typeof officialImages;

/** Name of an application that the grid's dashboard offers. */
export type ApplicationImage = keyof typeof applicationImages;

/** How an image of one's own starts. */
export interface FlistOptions {
  /**
   * Absolute path of the command inside the image, with its arguments.
   * @default what the node finds: nodes boot `/sbin/init`, whatever the image says
   */
  readonly entrypoint?: string;
  /** Whether it holds `/image.raw`, so that it is written to the first disk and boots from there. @default false */
  readonly bootsFromDisk?: boolean;
  /**
   * MD5 that the image must have, 32 hex digits; hubs tell it at `<url>.md5`. Looked at by an apply, not by nodes.
   * @default whatever is there is taken
   */
  readonly md5?: string;
}

/** Where a converted docker image lies, and how it starts. */
export interface DockerOptions {
  /** Repository on the hub into which it was converted: `me.3bot`. */
  readonly repository: string;
  /**
   * The command: a text as in a shell, or its words. Nodes do not take it from the image. Absolute, unless `workdir` is set:
   * most docker images name their commands without a path.
   */
  readonly entrypoint: string | readonly string[];
  /** Directory in which the command starts; takes `/bin/sh` in the image. @default `/`, by the node */
  readonly workdir?: string;
  /** Address of the hub. @default "https://hub.grid.tf" */
  readonly hub?: string;
}

/** What an application does not start without. */
export interface ImageNeeds {
  /** Least number of cores. */
  readonly cpu: number;
  /** Least memory. */
  readonly memory: Size;
  /** Data disks by mount point, with their least sizes. */
  readonly disks: Readonly<Record<string, Size>>;
  /** Variables that have to be set, in `env` or `secretEnv`. */
  readonly env: readonly string[];
  /** Whether only a public IPv4 of its own reaches it. */
  readonly publicIpv4: boolean;
}

/** Everything known of an image. */
interface ImageParts {
  readonly flist: string;
  readonly entrypoint?: string;
  readonly bootDisk?: Size;
  readonly bootsFromDisk?: boolean;
  readonly rootSize?: Size;
  readonly needs?: ImageNeeds;
  readonly port?: number;
  readonly md5?: string;
}

/**
 * What a machine boots.
 *
 * @example
 * Image.ubuntu("24.04")
 * Image.application("wordpress")
 * Image.docker("nginx:1.27", { repository: "me.3bot", entrypoint: ["/usr/sbin/nginx", "-g", "daemon off;"] })
 * Image.flist("https://hub.grid.tf/me.3bot/app-latest.flist", { entrypoint: "/bin/app --serve" })
 */
export class Image {
  /** Address of the image. */
  readonly flist: string;
  /** Command that is started; undefined leaves it to the node. */
  readonly entrypoint: string | undefined;
  /** Whether the machine's first disk becomes its system disk. */
  readonly bootsFromDisk: boolean;
  /** Least size of that disk, where it is known. */
  readonly bootDisk: Size | undefined;
  /** Root filesystem it needs; undefined when the node's least is enough. */
  readonly rootSize: Size | undefined;
  /** What its application needs; undefined for images without one. */
  readonly needs: ImageNeeds | undefined;
  /** Port where its application serves HTTP, for a gateway's backend; undefined for others. */
  readonly port: number | undefined;
  /** MD5 it must have; undefined takes whatever is there. */
  readonly md5: string | undefined;

  private constructor(parts: ImageParts) {
    this.flist = parts.flist;
    this.entrypoint = parts.entrypoint;
    this.bootDisk = parts.bootDisk;
    this.bootsFromDisk = parts.bootsFromDisk ?? parts.bootDisk !== undefined;
    this.rootSize = parts.rootSize;
    this.needs = parts.needs;
    this.port = parts.port;
    this.md5 = parts.md5;
  }

  /** Ubuntu without a kernel of its own: small, starts in seconds, with an SSH server. @default "24.04" */
  static ubuntu(version: "24.04" | "22.04" = "24.04"): Image {
    return Image.official(`ubuntu-${version}`);
  }

  /** One of the images that the grid's own people keep. They take `sshKeys`. @throws {GridError} TFG_BAD_VALUE for a name that is none */
  static official(name: OfficialImage): Image {
    if (!Object.hasOwn(officialImages, name)) throw noImage("An official image", name, officialImages);
    return new Image(partsOf(officialImages[name]));
  }

  /**
   * An application that the grid's dashboard offers, by name. A machine of it is checked for the cores, memory, disks and
   * variables that the application needs.
   *
   * @throws {GridError} TFG_BAD_VALUE for a name that is none
   */
  static application(name: ApplicationImage): Image {
    if (!Object.hasOwn(applicationImages, name)) throw noImage("An application", name, applicationImages);
    const facts: ApplicationFacts = applicationImages[name];
    const disks = Object.entries(facts.disks ?? {}).map(([mountPoint, least]) => [mountPoint, Size.gib(least)]);
    const { cpu, memoryGib, env, publicIpv4 = false, port } = facts;
    const needs = { cpu, memory: Size.gib(memoryGib), disks: Object.fromEntries(disks), env, publicIpv4 };
    return new Image({ ...partsOf(facts), needs, port });
  }

  /**
   * A public docker image that was converted on the hub. Its variables arrive; its user, volumes and exposed ports do not.
   * `:latest` is whatever was converted last: machines take it when they are made, and after a restart of their node.
   *
   * @throws {GridError} TFG_BAD_VALUE for a digest, a registry with a port, or no command
   */
  static docker(reference: string, options: DockerOptions): Image {
    const { repository, hub = "https://hub.grid.tf" } = options;
    const refusal = dockerReferenceRefusal(String(reference));
    if (refusal) throw badValue({ attribute: ["A docker image"], ...refusal });
    if (typeof repository !== "string" || !/^[a-z0-9][a-z0-9._-]*$/.test(repository)) {
      const allowed = "a repository of the hub, such as me.3bot";
      throw badValue({ attribute: ["Image.docker", "repository"], given: String(repository), allowed });
    }
    const flist = `${hub.replace(/\/+$/, "")}/${repository}/${dockerFlistName(reference)}`;
    return Image.flist(flist, { entrypoint: dockerCommand(options) });
  }

  /** An image of one's own. @throws {GridError} TFG_BAD_VALUE for anything but an http(s) address that ends with `.flist` or `.fl` */
  static flist(url: string, options: FlistOptions = {}): Image {
    if (!Token.isUnresolved(url) && !(typeof url === "string" && isFlistUrl(url))) {
      throw badValue({ attribute: ["An image's address"], given: String(url), allowed: FLIST_URLS });
    }
    const { entrypoint, bootsFromDisk, md5 } = options;
    if (md5 !== undefined && !Token.isUnresolved(md5) && !/^[0-9a-f]{32}$/.test(md5)) {
      throw badValue({ attribute: ["An image's md5"], given: md5, allowed: "32 hex digits in lower case" });
    }
    return new Image({ flist: url, entrypoint, bootsFromDisk, md5 });
  }
}

function partsOf({ path, entrypoint, bootDiskGib, rootSizeGib }: ImageFacts): ImageParts {
  return {
    flist: `https://hub.grid.tf/${path}.flist`,
    entrypoint,
    bootDisk: bootDiskGib === undefined ? undefined : Size.gib(bootDiskGib),
    rootSize: rootSizeGib === undefined ? undefined : Size.gib(rootSizeGib),
  };
}

/** The command as nodes take it: one text, the program by its whole path. */
function dockerCommand({ entrypoint, workdir }: DockerOptions): string {
  const attribute = ["Image.docker", "entrypoint"];
  const isText = typeof entrypoint === "string";
  const words = isText ? [] : Array.isArray(entrypoint) ? entrypoint.map(String) : [];
  const line = isText ? entrypoint.trim() : commandLine(words);
  if (line === "") {
    const allowed = "the command of the image: nodes do not take it from there";
    throw badValue({ attribute, what: "is missing", allowed, remedy: "see the image's ENTRYPOINT and CMD." });
  }
  if (workdir !== undefined) return inWorkdir(workdir, { isText, line, words });
  if (line.startsWith("/")) return line;
  const allowed = "an absolute path such as /usr/sbin/nginx";
  throw badValue({ attribute, given: line, allowed, remedy: "write the whole path, or set workdir to have it found." });
}

function inWorkdir(
  workdir: string,
  command: { readonly isText: boolean; readonly line: string; readonly words: readonly string[] },
): string {
  if (!workdir.startsWith("/")) {
    const allowed = "an absolute path such as /app";
    throw badValue({ attribute: ["Image.docker", "workdir"], given: workdir, allowed });
  }
  if (!command.isText) return commandLine(inDirectory(workdir, command.words));
  return `${commandLine(inDirectory(workdir, []))} ${command.line}`;
}

function noImage(what: string, given: unknown, known: Readonly<Record<string, unknown>>): GridError {
  const names = Object.keys(known);
  const meant = closestName(String(given), names);
  return badValue({
    attribute: [what],
    given: String(given),
    allowed: names.join(", "),
    remedy: meant ? `write ${meant}.` : "use one of these names, or Image.flist(url) for another image.",
  });
}
