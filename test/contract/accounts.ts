import { createHash, randomBytes } from "node:crypto";
import { Secret } from "../../lib/core/secret";
import { connectChain } from "../../lib/grid/chain/connect-chain";
import type { ChainClient } from "../../lib/grid/clients";
import { createKeyPair } from "../../lib/model/key-pair";
import { childSeed, type Pair, pairOf, type RawChain } from "./raw-chain";

/** A chain to hold to the contract, and who pays. */
export interface ChainUnderTest {
  /** Websocket address. */
  readonly url: string;
  /** Mnemonic, seed or development account with at least 100 TFT; it only lends money. */
  readonly secret: string;
}

/** What a twin's record says beside its account. */
export interface TwinWish {
  /** Undefined for none. */
  readonly relay?: string;
  /** Undefined for none. */
  readonly encryptionKey?: Uint8Array;
}

const TFT = 10_000_000n;

/** Seed of an account that stays the same from run to run, so that a live chain does not fill up with test twins. */
export function seedOf(chain: ChainUnderTest, role: string): string {
  return childSeed(chain.secret, `contract-${role}`);
}

/** A client of the account with that seed. */
export async function clientOf(url: string, seed: string): Promise<ChainClient> {
  return connectChain({ urls: [url], account: await createKeyPair(new Secret(seed), "sr25519") });
}

/** Lends money to those who have little. */
export async function fund(raw: RawChain, chain: ChainUnderTest, addresses: readonly string[]): Promise<void> {
  const balances = await Promise.all(addresses.map((address) => raw.freeBalance(address)));
  const poor = addresses.filter((_, index) => (balances[index] ?? 0n) < 5n * TFT);
  if (poor.length === 0) return;
  const transfers = poor.map((address) => raw.call("balances", "transferKeepAlive", address, 10n * TFT));
  await raw.sendOk(pairOf(chain.secret), raw.call("utility", "batchAll", transfers), { until: "finalized" });
}

/** Gives back what is left of lent money. */
export async function repay(raw: RawChain, chain: ChainUnderTest, pairs: readonly Pair[]): Promise<void> {
  const lender = pairOf(chain.secret).address;
  await Promise.all(pairs.map((pair) => raw.send(pair, raw.call("balances", "transferAll", lender, true))));
}

/** Gives an account a twin, or brings the one it has to this relay and key; gives its number. */
export async function becomeTwin(raw: RawChain, pair: Pair, wish: TwinWish = {}): Promise<number> {
  const relay = wish.relay === undefined ? null : hexOf(Buffer.from(wish.relay));
  const pk = wish.encryptionKey === undefined ? null : hexOf(wish.encryptionKey);
  const twinId = async () => Number(await raw.read("tfgridModule", "twinIdByAccountID", pair.address));
  const existing = await twinId();
  if (existing === 0) {
    await acceptTerms(raw, pair);
    await raw.sendOk(pair, raw.call("tfgridModule", "createTwin", relay, pk));
    return twinId();
  }
  const twin = (await raw.read("tfgridModule", "twins", existing)) as { relay: string | null; pk: string | null };
  if (twin.relay !== relay || twin.pk !== pk) await raw.sendOk(pair, raw.call("tfgridModule", "updateTwin", relay, pk));
  return existing;
}

/** Accepts the grid's terms, once. */
export async function acceptTerms(raw: RawChain, pair: Pair): Promise<void> {
  const accepted = await raw.read("tfgridModule", "usersTermsAndConditions", pair.address);
  if (Array.isArray(accepted) && accepted.length > 0) return;
  await raw.sendOk(pair, raw.call("tfgridModule", "userAcceptTc", "https://example.org/terms", freshHash()));
}

/** Text that no earlier run has used: 12 characters of a-z 0-9. */
export function fresh(): string {
  return randomBytes(6).toString("hex");
}

/** A deployment hash that no earlier run has used. */
export function freshHash(): string {
  return createHash("md5").update(randomBytes(16)).digest("hex");
}

function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
