import { type AttributePath, GridError, messageOf } from "../../../core/errors";
import type { Log } from "../../../core/log";
import { type Diagnostic, errorDiagnostic } from "../../resource";
import { ValueMisfit } from "../values/read-value";
import type { ObjectShape } from "../values/shape";
import { wirePath } from "../values/wire-path";
import type { MessageInit } from "../wire/messages";
import { redact, stackOf } from "./redact";

const severities = { error: 1, warning: 2 } as const;

/** Collects what one call has to tell the user. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #subject: string;
  readonly #log: Log;

  /** @param subject what the call is about, for defects: `reading threefold_network` */
  constructor(subject: string, log: Log) {
    this.#subject = subject;
    this.#log = log;
  }

  /** Whether an error is among them. */
  get hasErrors(): boolean {
    return this.#diagnostics.some((diagnostic) => diagnostic.severity === "error");
  }

  /** Adds designed errors. */
  errors(errors: readonly GridError[]): void {
    this.#diagnostics.push(...errors.map(errorDiagnostic));
  }

  /** Adds a warning. */
  warn(summary: string, detail: string, attribute?: AttributePath): void {
    this.#diagnostics.push({ severity: "warning", summary, detail, attribute });
  }

  /** Adds anything that was thrown: designed errors as they are, alone or together, the rest as a defect of the provider. */
  thrown(error: unknown): void {
    const all: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    if (all.length > 0 && all.every((each) => each instanceof GridError)) this.errors(all);
    else {
      this.#log("error", `defect while ${this.#subject}`, { stack: redact(stackOf(error)) });
      if (error instanceof ValueMisfit) this.defect(error.path, error.problem);
      else this.errors([providerDefect(this.#subject, { said: redact(messageOf(error)) })]);
    }
  }

  /** Adds a broken promise of the provider about one attribute. */
  defect(path: AttributePath, problem: string): void {
    this.errors([providerDefect(this.#subject, { attribute: path.join("."), problem }, path)]);
  }

  /** The diagnostics for the wire; paths are read against the shape of the block the call is about. */
  toWire(shape?: ObjectShape): MessageInit<"Diagnostic">[] {
    return this.#diagnostics.map((diagnostic) => ({
      severity: severities[diagnostic.severity],
      summary: diagnostic.summary,
      detail: diagnostic.detail,
      attribute: shape && blamed(shape, diagnostic.attribute),
    }));
  }
}

/** Undefined for an attribute of something else, such as the provider block: Terraform would point at nothing. */
function blamed(shape: ObjectShape, path: AttributePath = []): MessageInit<"AttributePath"> | undefined {
  const wire = wirePath(shape, path);
  return wire.steps?.length ? wire : undefined;
}

function providerDefect(subject: string, facts: Record<string, string>, attribute?: AttributePath): GridError {
  return new GridError({
    code: "TFG_PROVIDER_DEFECT",
    summary: `This is a defect of the provider, met while ${subject}.`,
    facts,
    standing: "The state holds what is known. Running the same command again shows where things stand.",
    remedy: "report it with the lines above; TF_LOG_PROVIDER=error shows where it happened.",
    attribute: attribute?.length ? attribute : undefined,
  });
}
