import type { AccountOptions } from "./stack-account";
import { readProjectStates, readStateFile, type StackState } from "./stack-state";

const text = { type: "string" } as const;

/** Options of every command that looks something up in a deployed stack, for the parser of arguments. */
export const STACK_OPTIONS = {
  stack: text,
  state: text,
  "mnemonic-file": text,
  "key-type": text,
  json: { type: "boolean" },
} as const;

/** What a user says of the stack that something is looked up in, and of its account. */
export interface StackOptions extends AccountOptions {
  /** The one stack that is meant. @default all of the project */
  readonly stack: string | undefined;
  /** A state file to read instead. */
  readonly stateFile: string | undefined;
  /** Whether a machine reads the answer. */
  readonly isJson: boolean;
}

/** Values of {@link STACK_OPTIONS} as the parser gives them. */
interface StackValues {
  readonly stack?: string | undefined;
  readonly state?: string | undefined;
  readonly "mnemonic-file"?: string | undefined;
  readonly "key-type"?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What was said, by name. */
export function stackOptions(values: StackValues): StackOptions {
  return {
    stack: values.stack,
    stateFile: values.state,
    mnemonicFile: values["mnemonic-file"],
    keyType: values["key-type"],
    isJson: values.json === true,
  };
}

/**
 * The states that are meant: of the CDKTF project in this directory, or of the file that was named.
 *
 * @param signal ends the wait for Terraform
 * @throws {GridError} TFG_NO_STACK when there is none, TFG_STATE_UNREADABLE when one cannot be read
 */
export async function readStates(
  { stateFile, stack }: StackOptions,
  signal: AbortSignal,
): Promise<readonly StackState[]> {
  if (stateFile !== undefined) return [readStateFile(stateFile)];
  return readProjectStates({ folder: process.cwd(), stack, env: process.env, signal });
}
