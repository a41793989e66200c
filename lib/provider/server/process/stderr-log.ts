import { writeSync } from "node:fs";
import type { Log } from "../../../core/log";

/** Writes log lines in the form Terraform reads from stderr; they show with TF_LOG or TF_LOG_PROVIDER. */
export const stderrLog: Log = (level, message, fields = {}) => {
  const line = {
    "@level": level,
    "@message": message,
    "@module": "threefold",
    "@timestamp": new Date().toISOString().replace("Z", "000Z"),
    ...fields,
  };
  writeStderr(JSON.stringify(line, (_key, value) => (typeof value === "bigint" ? value.toString() : value)));
};

/** Writes a line at once: also right before the process ends. */
export function writeStderr(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // A full pipe (EAGAIN) or a reader that has gone: a log line is not worth failing for.
  }
}
