import { Secret } from "../../core/secret";
import type { AdminAccess } from "./admin-certificate";

/** A kubeconfig of one cluster and one user; holds the private key. */
export function kubeconfigText(name: string, server: string, access: AdminAccess): Secret {
  const { authority, certificate, key } = access;
  const base64 = (pem: string) => Buffer.from(pem, "utf8").toString("base64");
  return new Secret(`apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(authority)}
users:
- name: ${name}-admin
  user:
    client-certificate-data: ${base64(certificate)}
    client-key-data: ${base64(key.reveal())}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}-admin
current-context: ${name}
`);
}
