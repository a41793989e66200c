import { writeSync } from "node:fs";
import { GridError } from "../../core/errors";
import type { ProviderDefinition } from "../resource";
import { type PluginServer, startPluginServer } from "./plugin-server";
import { type Certificate, makeCertificate } from "./process/certificate";
import { bindToParent } from "./process/process-life";
import { stderrLog } from "./process/stderr-log";

/** What Terraform puts into the environment so that a plugin started by hand can say so. @source hashicorp/terraform internal/plugin6 */
const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const coreProtocol = 1;
const pluginProtocol = 6;

/** Longest time the session gets to close before the process ends; Terraform kills after 2 s. */
const closeDeadlineMs = 1000;

/** Longest time until Terraform connects, which it does at once. */
const reachDeadlineMs = 20_000;

/** Whether this process was started by Terraform. */
export function isStartedByTerraform(environment: NodeJS.ProcessEnv): boolean {
  return environment.TF_PLUGIN_MAGIC_COOKIE === magicCookie;
}

/** Serves one Terraform command: listens, says where on stdout, ends when told. @throws {GridError} TFG_TERRAFORM_TOO_OLD */
export async function serveTerraform(definition: ProviderDefinition, environment: NodeJS.ProcessEnv): Promise<void> {
  const offered = environment.PLUGIN_PROTOCOL_VERSIONS;
  if (offered && !offered.split(",").includes(String(pluginProtocol))) throw terraformTooOld(offered);
  const clientCert = environment.PLUGIN_CLIENT_CERT;
  const own = clientCert ? makeCertificate() : undefined;
  const server = await startPluginServer({
    definition,
    log: stderrLog,
    tls: own && clientCert ? { cert: own.cert, key: own.key, clientCert } : undefined,
    onShutdown: () => void end(server),
  });
  bindToParent(() => server.endpoint.remove());
  writeSync(1, handshake(server, own, environment.PLUGIN_MULTIPLEX_GRPC !== undefined));
  // A Terraform that was killed while this process started is never seen to go.
  setTimeout(() => server.wasReached || process.exit(0), reachDeadlineMs).unref();
}

/**
 * Serves without a parent, for a debugger: the printed variable makes any Terraform command use this process.
 *
 * @param source full address: `registry.terraform.io/cdktf-threefold/threefold`
 */
export async function serveDebug(definition: ProviderDefinition, source: string): Promise<string> {
  const server = await startPluginServer({ definition, log: stderrLog });
  process.once("exit", () => server.endpoint.remove());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end(server));
  return `TF_REATTACH_PROVIDERS='${reattachProviders(server, source)}'`;
}

/** The value of TF_REATTACH_PROVIDERS that leads Terraform to a server in this process. */
export function reattachProviders({ endpoint }: PluginServer, source: string): string {
  const attached = {
    Protocol: "grpc",
    ProtocolVersion: pluginProtocol,
    Pid: process.pid,
    Test: true,
    Addr: { Network: endpoint.network, String: endpoint.address },
  };
  return JSON.stringify({ [source]: attached });
}

/** The one line Terraform waits for. @source hashicorp/go-plugin docs/internals.md */
function handshake({ endpoint }: PluginServer, own: Certificate | undefined, isMultiplexAsked: boolean): string {
  // Raw base64: the other side refuses padding.
  const cert = own ? own.der.toString("base64").replace(/=+$/, "") : "";
  const fields = [coreProtocol, pluginProtocol, endpoint.network, endpoint.address, "grpc", cert];
  return `${(isMultiplexAsked ? [...fields, "false"] : fields).join("|")}\n`;
}

async function end(server: PluginServer): Promise<void> {
  setTimeout(() => process.exit(0), closeDeadlineMs).unref();
  await server.close();
  process.exit(0);
}

function terraformTooOld(offered: string): GridError {
  return new GridError({
    code: "TFG_TERRAFORM_TOO_OLD",
    summary: "This Terraform does not speak plugin protocol 6.",
    facts: { "it speaks": offered },
    remedy: "use Terraform 1.11 or later, or OpenTofu 1.11 or later.",
  });
}
