import { type Rpc, type RpcName, type Rpcs, rpcNames } from "./calls/call";
import { decode, encode } from "./wire/codec";
import type { GrpcMethod } from "./wire/grpc-server";

/** What the health service answers: the plugin framework asks for the service named `plugin`. */
const serving = 1;

/**
 * Every method a Terraform plugin serves, by path: the Terraform service, and the plugin framework's helpers (end of
 * process, forwarded output, side connections, health).
 *
 * @param onShutdown called after Shutdown was answered
 */
export function pluginMethods(rpcs: Rpcs, onShutdown: () => void): ReadonlyMap<string, GrpcMethod> {
  const methods = new Map<string, GrpcMethod>();
  const add = <N extends RpcName>(name: N) => methods.set(`/tfplugin6.Provider/${name}`, unary(name, rpcs[name]));
  for (const name of rpcNames) add(name);
  methods.set("/plugin.GRPCController/Shutdown", async () => {
    // The answer has to leave first; Terraform waits 2 s before it kills.
    setTimeout(onShutdown, 10);
    return encode("Empty", {});
  });
  methods.set("/plugin.GRPCStdio/StreamStdio", "held-open");
  methods.set("/plugin.GRPCBroker/StartStream", "held-open");
  methods.set("/grpc.health.v1.Health/Check", async () => encode("Health.Response", { status: serving }));
  return methods;
}

function unary<N extends RpcName>(name: N, rpc: Rpc<N>): GrpcMethod {
  return async (bytes) => encode(`${name}.Response`, await rpc(decode(`${name}.Request`, bytes)));
}
