import { decodeAddress } from "@polkadot/util-crypto";
import type { RpcMethods } from "./handler";
import { badParams } from "./handler";

/** What the node says of itself. */
export const systemMethods: RpcMethods = {
  system_accountNextIndex: ({ chain }, [address]) => chain.nextNonce(accountOf(address)),
  system_chain: () => "ThreeFold Devgrid",
  system_chainType: () => "Development",
  system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
  system_name: () => "tfchain",
  system_properties: () => ({ ss58Format: 42, tokenDecimals: 7, tokenSymbol: "TFT" }),
  system_version: () => "devgrid",
};

function accountOf(address: unknown): string {
  if (typeof address !== "string" || address.length > 128) throw badParams("an account is an SS58 text");
  try {
    return Buffer.from(decodeAddress(address)).toString("hex");
  } catch {
    // Whatever is wrong with it, it is no address.
    throw badParams("an account is an SS58 text");
  }
}
