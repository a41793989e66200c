import { createECDH } from "node:crypto";
import { Secret } from "../../core/secret";
import { UNITS_PER_TFT } from "../../core/units";
import type { KeyPair } from "../../model/key-pair";
import { createKeyPair } from "../../model/key-pair";
import type { SeedNode } from "../ledger";
import { BLOCK_AUTHOR } from "./block/apply";
import { System, TFTPriceModule, TfgridModule, Timestamp, TransactionPayment } from "./pallets/runtime";
import { RUNTIME_VERSION } from "./pallets/system";
import { STAKING_POOL } from "./runtime/contracts/payments";
import { Internal } from "./runtime/internal";
import { credit, issue } from "./runtime/money";
import type { RuntimeState } from "./runtime/state";
import { createFarm } from "./runtime/tfgrid/farms";
import { createNode } from "./runtime/tfgrid/nodes";
import { createTwin } from "./runtime/tfgrid/twins";

/** The phrase of the account that a devgrid starts with. Public knowledge. */
export const DEV_PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/** A farm to start with; farms are numbered from 1 in the order given. All belong to //Bob. */
export interface SeedFarm {
  readonly name: string;
  readonly isDedicated: boolean;
  readonly ips: readonly { readonly ip: string; readonly gateway: string }[];
}

/** What a fresh devgrid starts with beside its accounts. */
export interface ChainSeed {
  readonly farms: readonly SeedFarm[];
  /** Numbered from 1 in the order given. */
  readonly nodes: readonly SeedNode[];
  /** Relay every twin is reached by; may be set later. */
  readonly relayUrl?: string;
}

const FORTUNE = 1_000_000n * UNITS_PER_TFT;
const NODE_PURSE = 100n * UNITS_PER_TFT;
const FOUNDATION = Buffer.from("devgrid foundation account......").toString("hex");
const SALES = Buffer.from("devgrid certified sales account.").toString("hex");

/** Thousandths of a dollar: what a fresh chain believes a TFT is worth, and the bounds it bills within. */
const TFT_PRICE = { last: 50, min: 10, max: 1000 };

/**
 * Relay text as official TypeScript clients compute it from a url: without a leading `wss://` and without the first
 * slash. A twin whose text equals it is not updated at connect.
 *
 * @source rmb_direct_client 2.9.2
 */
export function relayText(url: string): string {
  return url.replace(/^wss:\/\//, "").replace("/", "");
}

/** Keys of the accounts that have a twin from the start and are there for everybody to use, twin 1 first. */
export async function createUserKeys(): Promise<readonly KeyPair[]> {
  const phrase = new Secret(DEV_PHRASE);
  return [
    await createKeyPair(phrase, "sr25519"),
    await createKeyPair(phrase, "ed25519"),
    await createKeyPair(new Secret("//Alice"), "sr25519"),
  ];
}

/** Fills an empty chain: prices, the development accounts with their twins, farms and nodes. */
export async function seedGenesis(state: RuntimeState, seed: ChainSeed): Promise<void> {
  const relay = seed.relayUrl === undefined ? undefined : relayText(seed.relayUrl);
  const users = await createUserKeys();
  const bob = await createKeyPair(new Secret("//Bob"), "sr25519");
  const charlie = await createKeyPair(new Secret("//Charlie"), "sr25519");
  seedPrices(state);
  state.set(Timestamp.storage.Now, state.nowMs);
  if (relay !== undefined) state.set(Internal.RelayText, relay);
  for (const account of [FOUNDATION, SALES, STAKING_POOL, BLOCK_AUTHOR]) fund(state, account, UNITS_PER_TFT);
  for (const user of users) seedTwin(state, user, relay, FORTUNE);
  const farmer = seedTwin(state, bob, relay, FORTUNE);
  fund(state, hexOf(charlie), FORTUNE);
  for (const { ips, ...farm } of seed.farms) createFarm(state, { ...farm, twinId: farmer, ips });
  for (const node of seed.nodes) seedNode(state, node, seedTwin(state, node.keys, relay, NODE_PURSE));
}

/** The key messages to a key's owner are encrypted for: compressed secp256k1, one character per byte. */
function encryptionKeyOf(keys: KeyPair): string {
  const pair = createECDH("secp256k1");
  pair.setPrivateKey(keys.miniSecret.reveal(), "hex");
  return Buffer.from(pair.getPublicKey("hex", "compressed"), "hex").toString("latin1");
}

function seedTwin(state: RuntimeState, keys: KeyPair, relay: string | undefined, amount: bigint): number {
  const account = hexOf(keys);
  fund(state, account, amount);
  const terms = {
    account_id: account,
    timestamp: state.nowSeconds,
    document_link: "https://library.threefold.me/info/legal/#/",
    document_hash: "d41d8cd98f00b204e9800998ecf8427e",
  };
  state.set(TfgridModule.storage.UsersTermsAndConditions, [terms], account);
  return createTwin(state, { account, relay, pk: encryptionKeyOf(keys) });
}

function seedNode(state: RuntimeState, seed: SeedNode, twinId: number): void {
  const { publicConfig: config, resources, city, country } = seed;
  const bytes = (text: string) => Buffer.from(text).toString("latin1");
  const tail = [(twinId >> 8) & 255, twinId & 255].map((byte) => byte.toString(16).padStart(2, "0"));
  createNode(state, {
    farmId: seed.farmId,
    twinId,
    resources: { hru: resources.hru, sru: resources.sru, cru: resources.cru, mru: resources.mru },
    location: {
      city: bytes(city),
      country: bytes(country),
      latitude: seed.latitude ?? "Unknown",
      longitude: seed.longitude ?? "Unknown",
    },
    interfaces: [
      { name: "zos", mac: `02:00:00:00:${tail.join(":")}`, ips: [`10.${twinId >> 8}.${twinId & 255}.1/16`] },
    ],
    secure_boot: false,
    virtualized: true,
    serial_number: undefined,
    publicConfig: config && {
      ip4: { ip: config.ip4, gw: config.gw4 },
      ip6: config.ip6 ? { ip: config.ip6, gw: config.gw6 } : undefined,
      domain: config.domain || undefined,
    },
    certification: seed.isCertified ? "Certified" : "Diy",
  });
}

/** @source tfchain chain specification of the development network */
function seedPrices(state: RuntimeState): void {
  const gigabytes = (value: number) => ({ value, unit: "Gigabytes" as const });
  state.set(
    TfgridModule.storage.PricingPolicies,
    {
      version: 1,
      id: 1,
      name: "threefold_default_pricing_policy",
      su: gigabytes(50_000),
      cu: gigabytes(100_000),
      nu: gigabytes(15_000),
      ipu: gigabytes(40_000),
      unique_name: gigabytes(2_500),
      domain_name: gigabytes(5_000),
      foundation_account: FOUNDATION,
      certified_sales_account: SALES,
      discount_for_dedication_nodes: 50,
    },
    1,
  );
  state.set(TfgridModule.storage.PricingPolicyID, 1);
  state.set(TfgridModule.storage.ConnectionPrice, 80);
  const { TftPrice, AverageTftPrice, MinTftPrice, MaxTftPrice } = TFTPriceModule.storage;
  state.set(TftPrice, TFT_PRICE.last);
  state.set(AverageTftPrice, TFT_PRICE.last);
  state.set(MinTftPrice, TFT_PRICE.min);
  state.set(MaxTftPrice, TFT_PRICE.max);
  state.set(TransactionPayment.storage.NextFeeMultiplier, 0n);
  const { spec_version, spec_name } = RUNTIME_VERSION;
  state.set(System.storage.LastRuntimeUpgrade, { spec_version, spec_name });
}

function fund(state: RuntimeState, account: string, amount: bigint): void {
  issue(state, amount);
  credit(state, account, amount);
}

function hexOf(keys: KeyPair): string {
  return Buffer.from(keys.publicKey).toString("hex");
}
