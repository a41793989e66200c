import { authorMethods } from "./author";
import { chainMethods } from "./chain";
import type { RpcMethods } from "./handler";
import { paymentMethods } from "./payment";
import { stateMethods } from "./state";
import { systemMethods } from "./system";

/** Every method served, by its wire name. */
export const rpcMethods: RpcMethods = {
  ...authorMethods,
  ...chainMethods,
  ...paymentMethods,
  ...stateMethods,
  ...systemMethods,
  rpc_methods: () => ({ methods: Object.keys(rpcMethods).sort() }),
};
