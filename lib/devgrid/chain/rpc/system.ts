import { decodeAddress } from "@polkadot/util-crypto";
import { System } from "../pallets/runtime";
import type { RpcMethods } from "./handler";
import { badParams } from "./handler";

/** What the node says of itself. */
export const systemMethods: RpcMethods = {
  system_accountNextIndex: ({ core }, [address]) => {
    const account = accountOf(address);
    return core.pool.nextNonce(account, core.state.get(System.storage.Account, account).nonce);
  },
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
