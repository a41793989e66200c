import type { Log, LogLevel } from "../../core/log";

/** The library as loaded. */
export type ChainLibrary = typeof import("@polkadot/types");

/** The library's log lines: a date, then the part that speaks, upper case, padded, with a colon. */
const SPEAKER = /^ *[A-Z][A-Z/-]*:$/;

const levels = { log: "debug", debug: "debug", info: "debug", warn: "debug", error: "debug" } as const satisfies Record<
  string,
  LogLevel
>;

let current: Log | undefined;

/**
 * Loads the chain library at its first use: it costs a third of a second and some 600 modules. Its console lines go to
 * `log` from then on, because a plugin's standard output belongs to Terraform.
 */
export async function loadPolkadot(log: Log): Promise<ChainLibrary> {
  if (current === undefined) divertConsole();
  current = log;
  // The compiler types a dynamic import by the library's other module format; both hold the same things.
  return (await import("@polkadot/types")) as unknown as ChainLibrary;
}

/** Only lines in the library's own format are taken; everybody else's pass. */
function divertConsole(): void {
  for (const [method, level] of Object.entries(levels) as [keyof typeof levels, LogLevel][]) {
    const sink = globalThis.console;
    const original = sink[method].bind(sink);
    sink[method] = (...values: unknown[]) => {
      const [, speaker, ...rest] = values;
      if (typeof speaker !== "string" || !SPEAKER.test(speaker)) return original(...values);
      current?.(level, `chain library: ${rest.map(String).join(" ")}`);
    };
  }
}
