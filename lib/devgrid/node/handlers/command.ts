import { GridError, messageOf } from "../../../core/errors";
import type { Reader } from "../../../model/wire/reader";
import type { Admission } from "../engine/admission";
import type { NodeParts } from "../engine/node-parts";
import { NodeError } from "../node-error";

/** What commands work with. */
interface CommandContext {
  /** The node. */
  readonly parts: NodeParts;
  /** Its door. */
  readonly admission: Admission;
}

/** Serves a command: the caller's twin and the decoded payload in (undefined when there was none), the JSON answer out. */
export type Command = (context: CommandContext, sourceTwinId: number, payload: unknown) => unknown;

/** Commands by their exact name on the wire. */
export type CommandTable = Readonly<Record<string, Command>>;

/** Reads the payload of a command that needs one. @throws {NodeError} when it has another shape */
export function readPayload<T>(reader: Reader<T>, payload: unknown): T {
  if (payload === undefined) throw new NodeError("unexpected end of JSON input");
  try {
    return reader(payload, "payload");
  } catch (error) {
    throw new NodeError(error instanceof GridError ? error.summary : messageOf(error));
  }
}
