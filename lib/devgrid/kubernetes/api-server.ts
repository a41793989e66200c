import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import { extendedKeyUsage, keyUsage, subjectAltName, writeCertificate } from "../../core/x509/certificate";
import { parseIp } from "../../model/wire/ip-address";
import type { ClusterNode, K3sCluster } from "./k3s-cluster";
import type { K3sEnvironment } from "./k3s-environment";

/** What an API server serves. */
export interface ApiServerOptions {
  readonly cluster: K3sCluster;
  readonly environment: K3sEnvironment;
  /** Of its machine. */
  readonly addresses: readonly string[];
  /** Whether the machine of a node runs. */
  readonly isReady: (machineId: string) => boolean;
  /** Told of every request. */
  readonly onRequest: () => void;
  readonly log: Log;
}

/** An API server on loopback. */
export interface ApiServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/** An answer of the API. */
interface ApiAnswer {
  readonly status: number;
  /** Text as it is, anything else as JSON. */
  readonly body: unknown;
}

/** The version of the official image. */
const VERSION = { major: "1", minor: "31", gitVersion: "v1.31.0+k3s1", platform: "linux/amd64" };

const DAY_MS = 86_400_000;

/** Serves the API of a cluster under a certificate of its own authority. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { environment, log } = options;
  const server = createServer(
    { ...serverIdentity(options), ca: environment.file("client-ca.crt"), requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      options.onRequest();
      respond(response, answerOf(options, request));
    },
  );
  server.on("tlsClientError", (error) => log("debug", "k3s: a client was refused", { error: messageOf(error) }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Key and certificate for every name the API has. */
function serverIdentity({ environment, addresses }: ApiServerOptions): { readonly key: string; readonly cert: string } {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authority = new X509Certificate(environment.file("server-ca.crt"));
  const authorityKey = createPrivateKey(environment.file("server-ca.key"));
  const names = ["127.0.0.1", ...addresses, ...environment.names, environment.nodeName];
  const hosts = ["localhost", "kubernetes", "kubernetes.default", ...names.filter((name) => !parseIp(name))];
  const { pem } = writeCertificate(
    {
      serial: randomBytes(16),
      issuer: { commonName: commonNameOf(authority) },
      subject: { commonName: "k3s", organization: "k3s" },
      // Clients go by the machine's clock, not by the chain's.
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 365 * DAY_MS),
      publicKey: pair.publicKey.export({ type: "spki", format: "der" }),
      extensions: [
        keyUsage("digitalSignature", "keyEncipherment"),
        extendedKeyUsage("server"),
        subjectAltName(
          hosts,
          names.map(parseIp).filter((bytes) => bytes !== undefined),
        ),
      ],
    },
    (body) => sign("sha256", body, authorityKey),
  );
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { key, cert: `${pem}${environment.file("server-ca.crt")}` };
}

function commonNameOf({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? "";
}

/** @source k3s: `/ping` is open to everybody, all else asks for a certificate of the client authority */
function answerOf(options: ApiServerOptions, request: IncomingMessage): ApiAnswer {
  const { method = "GET" } = request;
  const { pathname } = new URL(request.url ?? "/", "https://k3s");
  if (pathname === "/ping") return { status: 200, body: "pong" };
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return failure(401, "Unauthorized");
  if (![socket.getPeerCertificate().subject.O].flat().includes("system:masters")) return failure(403, "Forbidden");
  if (["/readyz", "/livez", "/healthz"].includes(pathname)) return { status: 200, body: "ok" };
  if (pathname === "/version") return { status: 200, body: VERSION };
  if (pathname === "/api/v1/nodes") return { status: 200, body: nodeList(options) };
  const [, name] = /^\/api\/v1\/nodes\/([^/]+)$/.exec(pathname) ?? [];
  if (name === undefined) return failure(404, "NotFound");
  return answerForNode(options, name, method);
}

function answerForNode(options: ApiServerOptions, name: string, method: string): ApiAnswer {
  const node = options.cluster.nodes.find((each) => each.name === name);
  if (!node) return failure(404, "NotFound");
  if (method === "GET") return { status: 200, body: nodeObject(options, node) };
  if (method !== "DELETE") return failure(405, "MethodNotAllowed");
  options.cluster.delete(name);
  return { status: 200, body: { kind: "Status", apiVersion: "v1", status: "Success" } };
}

function nodeList(options: ApiServerOptions): unknown {
  const items = options.cluster.nodes.map((node) => nodeObject(options, node));
  return { kind: "NodeList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items };
}

function nodeObject({ isReady }: ApiServerOptions, node: ClusterNode): unknown {
  const roles = { "node-role.kubernetes.io/control-plane": "true", "node-role.kubernetes.io/master": "true" };
  return {
    kind: "Node",
    apiVersion: "v1",
    metadata: {
      name: node.name,
      uid: createHash("md5").update(node.machineId).digest("hex"),
      labels: { ...(node.isServer ? roles : {}), "kubernetes.io/hostname": node.name, ...node.labels },
    },
    status: {
      addresses: [
        { type: "InternalIP", address: node.ip },
        { type: "Hostname", address: node.name },
      ],
      conditions: [{ type: "Ready", status: isReady(node.machineId) ? "True" : "Unknown" }],
      nodeInfo: { kubeletVersion: VERSION.gitVersion },
    },
  };
}

function failure(code: number, reason: string): ApiAnswer {
  return { status: code, body: { kind: "Status", apiVersion: "v1", status: "Failure", message: reason, reason, code } };
}

function respond(response: ServerResponse, { status, body }: ApiAnswer): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
  response.end(isText ? body : JSON.stringify(body));
}
