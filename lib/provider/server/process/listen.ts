import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GrpcServer } from "../wire/grpc-server";

/** Where a server can be reached. */
export interface Endpoint {
  readonly network: "unix" | "tcp";
  /** Path of the socket, or `127.0.0.1:port`. */
  readonly address: string;
  /** Removes what listening left in the file system. Safe to call while the process exits. */
  remove(): void;
}

/** Longest path a unix socket may have on every supported system (104 bytes on macOS, with the end mark). */
const maxSocketPath = 100;

/** Listens on a socket only this user can reach; on Windows and under over-long temporary directories on loopback TCP. */
export async function listen(server: GrpcServer): Promise<Endpoint> {
  const endpoint = process.platform === "win32" ? undefined : socketEndpoint();
  if (!endpoint) return listenTcp(server);
  await listening(server, { path: endpoint.address });
  return endpoint;
}

function socketEndpoint(): Endpoint | undefined {
  // mkdtemp makes the directory with mode 0700.
  const directory = mkdtempSync(join(tmpdir(), "threefold-"));
  const address = join(directory, "plugin.sock");
  const remove = () => rmSync(directory, { recursive: true, force: true });
  if (Buffer.byteLength(address) <= maxSocketPath) return { network: "unix", address, remove };
  remove();
  return undefined;
}

async function listenTcp(server: GrpcServer): Promise<Endpoint> {
  await listening(server, { host: "127.0.0.1", port: 0 });
  const { port } = server.http.address() as AddressInfo;
  return { network: "tcp", address: `127.0.0.1:${port}`, remove: () => undefined };
}

function listening(server: GrpcServer, where: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.http.once("error", reject);
    server.http.listen(where, () => {
      server.http.off("error", reject);
      resolve();
    });
  });
}
