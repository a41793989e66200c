import type { Log } from "../../core/log";
import type { ProviderDefinition } from "../resource";
import { Catalog } from "./calls/catalog";
import { terraformRpcs } from "./calls/rpcs";
import { Walk } from "./calls/walk";
import { pluginMethods } from "./plugin-methods";
import { type Endpoint, listen } from "./process/listen";
import { createGrpcServer, type MutualTls } from "./wire/grpc-server";

/** How a provider is served. */
export interface PluginServerOptions {
  readonly definition: ProviderDefinition;
  readonly log: Log;
  /** Left out: plain connections. */
  readonly tls?: MutualTls;
  /** Called when Terraform has asked the process to end and was answered. @default nothing */
  readonly onShutdown?: () => void;
}

/** A provider that listens. */
export interface PluginServer {
  readonly endpoint: Endpoint;
  /** Whether anybody has ever connected. */
  readonly wasReached: boolean;
  /** Stops running calls, closes the session and every connection. */
  close(): Promise<void>;
}

/** Serves a provider and listens. */
export async function startPluginServer(options: PluginServerOptions): Promise<PluginServer> {
  const { definition, log, tls, onShutdown = () => undefined } = options;
  const walk = new Walk(log);
  const rpcs = terraformRpcs({ definition, catalog: new Catalog(definition), walk, log });
  const server = createGrpcServer({ methods: pluginMethods(rpcs, onShutdown), tls, log });
  let wasReached = false;
  server.http.once("session", () => {
    wasReached = true;
  });
  const endpoint = await listen(server);
  const close = async () => {
    await walk.end();
    await server.close();
    endpoint.remove();
  };
  return {
    endpoint,
    get wasReached() {
      return wasReached;
    },
    close,
  };
}
