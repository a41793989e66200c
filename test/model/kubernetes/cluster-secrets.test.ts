import { Secret } from "../../../lib/core/secret";
import { KeyDerivation } from "../../../lib/model/key-derivation";
import { deriveAuthority } from "../../../lib/model/kubernetes/authorities";
import { clusterSecret } from "../../../lib/model/kubernetes/cluster-secrets";
import { CLUSTER_SECRET_KINDS } from "../../../lib/model/kubernetes/secret-names";

const keys = new KeyDerivation(new Secret("00".repeat(32)), `0x${"11".repeat(32)}`, "shop");
const secretOf = (kind: string, identity = "k8s", version = 1) => clusterSecret(keys, { kind, identity, version });

describe("the secrets of a cluster", () => {
  test("have a value each, and no two the same", () => {
    const values = CLUSTER_SECRET_KINDS.map((kind) => secretOf(kind));
    expect(values.every((value) => value !== undefined && value.length > 40)).toBe(true);
    expect(new Set(values).size).toBe(CLUSTER_SECRET_KINDS.length);
  });

  test.each(CLUSTER_SECRET_KINDS)("%s is another one in another cluster or version", (kind) => {
    expect(new Set([secretOf(kind), secretOf(kind, "other"), secretOf(kind, "k8s", 2)]).size).toBe(3);
  });

  test("hold certificates and keys of the authority they are named after", () => {
    const { certificate, key } = deriveAuthority({ keys, cluster: "k8s", version: 1 }, "etcd/peer-ca");
    expect(secretOf("k3s-etcd-peer-ca-crt")).toBe(certificate);
    expect(secretOf("k3s-etcd-peer-ca-key")).toBe(key.pem);
  });

  test("are nothing else", () => {
    expect(secretOf("zdb-password")).toBeUndefined();
    expect(secretOf("k3s-server-ca")).toBeUndefined();
  });
});
