/** Services under test when they are not the emulated ones, as `npm run contract` names them. */
export interface Endpoints {
  /** Websocket address of a chain node. */
  readonly chain: string | undefined;
  /** Websocket address of a relay. */
  readonly relay: string | undefined;
  /** Base address of a directory. */
  readonly directory: string | undefined;
  /** Secret of an account with at least 100 TFT on that chain. */
  readonly secret: string;
}

/** Reads the environment that `npm run contract` sets. Nothing is set in `npm test`: devgrid is meant then. */
export function namedEndpoints(): Endpoints {
  const { CONTRACT_CHAIN, CONTRACT_RELAY, CONTRACT_DIRECTORY, CONTRACT_MNEMONIC } = process.env;
  return {
    chain: CONTRACT_CHAIN,
    relay: CONTRACT_RELAY,
    directory: CONTRACT_DIRECTORY,
    secret: CONTRACT_MNEMONIC ?? "//Alice",
  };
}
