import { resolve } from "node:path";
import { Secret } from "../../core/secret";
import type { AccountSource } from "../../provider/account-secret";
import { Attributes } from "../../provider/schema/attributes";
import type { StackState } from "./stack-state";

/** Account options of a command line; they come before what the stack says. */
export interface AccountOptions {
  /** File that holds the mnemonic. */
  readonly mnemonicFile: string | undefined;
  /** `sr25519` or `ed25519`. */
  readonly keyType: string | undefined;
}

/**
 * Where the account of a stack comes from: the command line, the stack's provider block, the environment, and devgrid's
 * own for what lives there.
 *
 * @param network name of the network that the stack's objects live on
 */
export async function stackAccount(
  { provider, folder }: StackState,
  network: string,
  options: AccountOptions,
): Promise<AccountSource> {
  const block = new Attributes(provider);
  const file = block.text("mnemonic_file");
  const declared = file === undefined ? undefined : resolve(folder, file);
  return {
    mnemonicFile: options.mnemonicFile ?? declared,
    keyType: options.keyType ?? block.text("key_type"),
    env: process.env,
    ofNetwork: network === "devgrid" ? await devgridSecret() : undefined,
  };
}

async function devgridSecret(): Promise<Secret> {
  const { DEV_PHRASE } = await import("../../devgrid/chain/genesis");
  return new Secret(DEV_PHRASE);
}
