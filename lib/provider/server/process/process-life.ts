import { redact, stackOf } from "../calls/redact";
import { stderrLog, writeStderr } from "./stderr-log";

/** How often the parent is looked for. */
const parentPollMs = 1000;

/**
 * Binds this process to the Terraform that started it: Ctrl-C is left to Terraform, which asks the provider to stop;
 * SIGTERM and the death of Terraform end it; a crash is shown to the user.
 *
 * @param onExit cleans up, synchronously
 */
export function bindToParent(onExit: () => void): void {
  process.once("exit", onExit);
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => process.exit(143));
  process.on("uncaughtException", panic);
  // A promise nobody awaited, mostly a library's: calls in flight know nothing of it, and ending now would lose the ids of
  // what they made.
  process.on("unhandledRejection", (reason) =>
    stderrLog("error", "unhandled rejection", { stack: redact(stackOf(reason)) }),
  );
  const parent = process.ppid;
  // A Terraform that is killed tells nobody; the parent id then changes.
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, parentPollMs).unref();
}

/** Terraform shows the lines after `panic: ` on stderr; anything else of a crash is only "Plugin did not respond". */
function panic(thrown: unknown): void {
  writeStderr(`panic: ${redact(stackOf(thrown))}`);
  process.exit(2);
}
