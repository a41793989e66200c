const secretName = /MNEMONIC|SECRET|PASSWORD|PASSPHRASE|TOKEN|PRIVATE|CREDENTIAL|KEY/i;

/**
 * Text that nobody designed (a library's exception, a stack) with the secrets this process was given taken out: values
 * of environment variables that are named like secrets, and passwords inside URLs.
 */
export function redact(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  const secrets = Object.entries(environment)
    .filter(([name, value]) => secretName.test(name) && value && value.length >= 8)
    .map(([, value]) => value ?? "");
  const clean = secrets.reduce((left, secret) => left.replaceAll(secret, "***"), text);
  return clean.replace(/(\w+:\/\/[^\s/:@]*):[^\s/@]+@/g, "$1:***@");
}

/** The stack of anything that was thrown, or its text when it has none. */
export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
