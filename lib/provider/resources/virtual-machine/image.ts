import { GridError } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import type { ObjectValue } from "../../schema/value";

/**
 * An image that is not there, or is another than was meant: nodes find out after the contract is paid for. A hub that does
 * not answer stops nobody, unless a checksum was asked for.
 */
export async function imageObstacles(values: ObjectValue, engine: EngineContext): Promise<readonly GridError[]> {
  const { flist, flist_md5: wanted, name } = values;
  if (typeof flist !== "string") return [];
  const title = `virtual machine ${String(name)}`;
  const sight = await engine.images.look(flist, engine.signal);
  if (sight.kind === "absent") return [noImage(title, flist, sight.status)];
  if (sight.kind === "unsure") engine.log("info", "image not looked at", { flist, reason: sight.reason });
  if (typeof wanted !== "string") return [];
  const is = await engine.images.md5Of(flist, engine.signal);
  if (is === wanted) return [];
  return [is === undefined ? notVerified(title, flist) : otherImage(title, flist, { wanted, is })];
}

function noImage(title: string, flist: string, status: number): GridError {
  return new GridError({
    code: "TFG_IMAGE",
    summary: `There is no image at the address that ${title} is to boot from.`,
    facts: { given: flist, "the hub said": `status ${status}` },
    standing: "Nothing was started and nothing was changed.",
    remedy: "check the image's address; docker images have to be converted on the hub first.",
    attribute: ["flist"],
  });
}

function otherImage(
  title: string,
  flist: string,
  { wanted, is }: { readonly wanted: string; readonly is: string },
): GridError {
  return new GridError({
    code: "TFG_IMAGE",
    summary: `The image of ${title} is not the one that flist_md5 tells.`,
    facts: { image: flist, wanted, is },
    standing: "Nothing was started and nothing was changed.",
    remedy: "see what was changed in the image, then set flist_md5 to what it is now.",
    attribute: ["flist_md5"],
  });
}

function notVerified(title: string, flist: string): GridError {
  return new GridError({
    code: "TFG_IMAGE",
    summary: `The image of ${title} could not be verified: its hub does not answer.`,
    facts: { image: flist },
    standing: "Nothing was started and nothing was changed.",
    remedy: "try again later, or leave flist_md5 out.",
    retryable: true,
    attribute: ["flist_md5"],
  });
}
