import { Secret } from "../../../lib/core/secret";
import type { ChainClient } from "../../../lib/grid/clients";
import { createKeyPair, type KeyPair } from "../../../lib/model/key-pair";
import { MessageCipher } from "../../../lib/model/message-encryption";
import type { Twin } from "../../../lib/model/twin";
import { becomeTwin, type ChainUnderTest, fund, seedOf, type TwinWish } from "../accounts";
import { type Pair, pairOf, type RawChain } from "../raw-chain";

/** Who talks, what their twins have on the chain, and how they sign. */
const roles = {
  /** As the official clients leave an account behind. */
  caller: { keyType: "sr25519", hasRelay: true, hasKey: true },
  /** With the other kind of key, as nodes have. */
  callee: { keyType: "ed25519", hasRelay: true, hasKey: true },
  /** Does not encrypt. */
  plain: { keyType: "sr25519", hasRelay: true, hasKey: false },
  /** Can be reached nowhere. */
  hermit: { keyType: "sr25519", hasRelay: false, hasKey: false },
} as const;

/** One of them, by what it does. */
export type Role = keyof typeof roles;

/** One of them, with its keys. */
export interface Party {
  readonly account: KeyPair;
  readonly cipher: MessageCipher;
  /** As the chain has it. */
  readonly twin: Twin;
  readonly pair: Pair;
}

/** What twins are made with. */
export interface Making {
  readonly raw: RawChain;
  readonly chain: ChainClient;
  readonly relayUrl: string;
}

/** Everybody with a funded account and a twin. Twins that exist already are brought to what they should be. */
export async function makeParties(
  lender: ChainUnderTest,
  { raw, chain, relayUrl }: Making,
): Promise<Record<Role, Party>> {
  const keys = await Promise.all(
    Object.entries(roles).map(async ([role, { keyType, hasRelay, hasKey }]) => {
      const seed = seedOf(lender, `relay-${role}`);
      const account = await createKeyPair(new Secret(seed), keyType);
      return {
        role,
        hasRelay,
        hasKey,
        account,
        pair: pairOf(seed, keyType),
        cipher: new MessageCipher(account.miniSecret),
      };
    }),
  );
  await fund(
    raw,
    lender,
    keys.map(({ pair }) => pair.address),
  );
  const entries = keys.map(async ({ role, hasRelay, hasKey, account, pair, cipher }) => {
    const encryptionKey = hasKey ? cipher.publicKey : undefined;
    const twinId = hasRelay
      ? await becomeReachable(raw, pair, { relayUrl, encryptionKey })
      : await becomeTwin(raw, pair, { encryptionKey });
    const twin = await chain.getTwin(twinId);
    if (!twin) throw new Error(`the chain gave ${role} twin ${twinId}, and does not know it`);
    return [role, { account, cipher, twin, pair }] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<Role, Party>;
}

/**
 * Official TypeScript clients write the relay's address to their twin, `wss://` and the first slash left out. A real
 * chain takes host names only: there the name alone will do.
 */
async function becomeReachable(
  raw: RawChain,
  pair: Pair,
  { relayUrl, encryptionKey }: { readonly relayUrl: string } & Pick<TwinWish, "encryptionKey">,
): Promise<number> {
  const text = relayUrl.replace(/^wss:\/\//, "").replace("/", "");
  try {
    return await becomeTwin(raw, pair, { relay: text, encryptionKey });
  } catch (error) {
    if (!String(error).includes("InvalidRelayAddress")) throw error;
    return becomeTwin(raw, pair, { relay: new URL(relayUrl).hostname, encryptionKey });
  }
}
