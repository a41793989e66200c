import { Secret } from "../../core/secret";
import type { AdminAccess } from "./admin-certificate";

/** A kubeconfig of one cluster and one user; holds the private key. */
export function kubeconfigText(name: string, server: string, access: AdminAccess): Secret {
  const { authority, certificate, key } = access;
  // A name may be one that YAML would read as a number or a truth value: `2024`, `true`.
  const cluster = JSON.stringify(name);
  const user = JSON.stringify(`${name}-admin`);
  const base64 = (pem: string) => Buffer.from(pem, "utf8").toString("base64");
  return new Secret(`apiVersion: v1
kind: Config
clusters:
- name: ${cluster}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(authority)}
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(certificate)}
    client-key-data: ${base64(key.reveal())}
contexts:
- name: ${cluster}
  context:
    cluster: ${cluster}
    user: ${user}
current-context: ${cluster}
`);
}
