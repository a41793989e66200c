import { resolve } from "node:path";
import { GridError } from "../core/errors";

/**
 * A secret that is known by where it is, never by its value: neither the synthesised text nor plan or state hold it. The
 * provider reads it where the deployment runs and hands it to the node only.
 *
 * @example
 * new VirtualMachine(this, "web", { …, secretEnv: { API_KEY: Secret.fromEnv("API_KEY"), DB: db.password } });
 */
export class Secret {
  private constructor(
    /** What is written into the configuration: `env:NAME`, `file:PATH` or a reference to a derived secret. */
    readonly reference: string,
  ) {}

  /** The value of an environment variable of the process that runs `cdktf deploy`. */
  static fromEnv(name: string): Secret {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw noVariable(name);
    return new Secret(`env:${name}`);
  }

  /**
   * The content of a file, without the newline at its end. A relative path counts from the directory the program runs in.
   * Where people with different home directories deploy the same stack, `fromEnv` keeps their plans equal.
   */
  static fromFile(path: string): Secret {
    return new Secret(`file:${resolve(path)}`);
  }

  /** A reference that a resource gives out, such as `Zdb.password`: the provider derives the value from the account. */
  static fromReference(reference: string): Secret {
    return new Secret(reference);
  }

  /** @throws {GridError} TFG_SECRET_AS_TEXT always: as text a machine would get the reference instead of the value */
  toString(): string {
    throw secretAsText();
  }

  /** @throws {GridError} TFG_SECRET_AS_TEXT always: JSON is text, too */
  toJSON(): string {
    throw secretAsText();
  }
}

function secretAsText(): GridError {
  return new GridError({
    code: "TFG_SECRET_AS_TEXT",
    summary: "A secret cannot be put into text: its value is not known here.",
    standing: "Nothing was started.",
    remedy: "pass the Secret itself, in secretEnv.",
  });
}

function noVariable(given: string): GridError {
  return new GridError({
    code: "TFG_BAD_VALUE",
    // The text may be the secret itself, passed by mistake: it is not repeated.
    summary: "Secret.fromEnv takes the name of an environment variable.",
    facts: { given: `${given.length} characters`, allowed: "letters, digits and _, not beginning with a digit" },
    standing: "Nothing was started.",
    remedy: "export the value under a name and give that name.",
  });
}
