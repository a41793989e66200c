/** How much a line matters, in Terraform's own words. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** Named values of a log line. Never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | bigint | undefined>>;

/** Where the code reports progress; the default writes nothing. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** Writes nothing. */
export const silentLog: Log = () => undefined;
