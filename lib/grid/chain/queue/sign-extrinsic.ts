import type { KeyPair } from "../../../model/key-pair";
import type { ChainSession } from "../chain-session";
import type { EncodedCall } from "./encode-calls";

/** What a signature commits to besides the call. */
export interface SigningFacts {
  /** The account's next. */
  readonly nonce: number;
  /** A final block: the extrinsic is valid on its descendants only. */
  readonly birth: { readonly number: number; readonly hash: string };
  /** Blocks it stays valid. */
  readonly eraBlocks: number;
  /** Number of the newest block. */
  readonly seenBlock: number;
  /** Paid to be preferred to another extrinsic of the same nonce, in chain units. */
  readonly tip: bigint;
}

/** An extrinsic ready to send. The same bytes are included at most once, however often they are sent. */
export interface SignedExtrinsic {
  readonly hex: string;
  readonly nonce: number;
  /** Number of the block it was signed on: no earlier block holds it. */
  readonly birthBlock: number;
  /** First block that can no longer hold it. */
  readonly deathBlock: number;
  /** Number of the newest block when it was signed. */
  readonly seenBlock: number;
}

/** Position of the scheme in the runtime's MultiSignature. @source tfchain spec 152 metadata, sp_runtime::MultiSignature */
const signatureVariant = { ed25519: 0, sr25519: 1 } as const;

/** Signs a call with a mortal era. Which further values are signed is read from the runtime's metadata. */
export function signExtrinsic(
  { genesisHash, codecs }: Pick<ChainSession, "genesisHash" | "codecs">,
  account: KeyPair,
  call: EncodedCall,
  facts: SigningFacts,
): SignedExtrinsic {
  const { nonce, birth, eraBlocks, seenBlock, tip } = facts;
  const { registry, version } = codecs;
  const extrinsic = registry.createType("Extrinsic", call, { version: 4 });
  extrinsic.sign(signerOf(account), {
    blockHash: birth.hash,
    era: registry.createType("ExtrinsicEra", { current: birth.number, period: eraBlocks }),
    genesisHash,
    nonce,
    runtimeVersion: version,
    signedExtensions: registry.signedExtensions,
    tip,
  });
  const deathBlock = birth.number + eraBlocks;
  return { hex: extrinsic.toHex(), nonce, birthBlock: birth.number, deathBlock, seenBlock };
}

function signerOf(account: KeyPair) {
  return {
    address: account.address,
    addressRaw: account.publicKey,
    publicKey: account.publicKey,
    type: account.keyType,
    sign: (message: Uint8Array) => Buffer.concat([Buffer.of(signatureVariant[account.keyType]), account.sign(message)]),
  };
}
