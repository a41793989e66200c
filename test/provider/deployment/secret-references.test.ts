import { Secret } from "../../../lib/core/secret";
import { derivedReference } from "../../../lib/model/derived-reference";
import { KeyDerivation } from "../../../lib/model/key-derivation";
import { clusterSecret } from "../../../lib/model/kubernetes/cluster-secrets";
import { CLUSTER_SECRET_KINDS } from "../../../lib/model/kubernetes/secret-names";
import { parseSecretReference, resolveSecret } from "../../../lib/provider/deployment/secret-references";

const keys = new KeyDerivation(new Secret("ab".repeat(32)), `0x${"22".repeat(32)}`, "shop");

describe("a reference to a derived secret", () => {
  test.each(CLUSTER_SECRET_KINDS)("is read and resolved: %s", (kind) => {
    const text = derivedReference(kind, { identity: "k8s/server-1", version: 3 });
    const name = { kind, identity: "k8s/server-1", version: 3 };
    expect(parseSecretReference(text)).toEqual({ source: "derive", ...name });
    expect(resolveSecret(text, keys, "secret_env.A").reveal()).toBe(clusterSecret(keys, name));
  });

  test("may be one of another project", () => {
    const text = derivedReference("k3s-token", { identity: "k8s", version: 1, scope: "blog" });
    const value = clusterSecret(keys.ofScope("blog"), { kind: "k3s-token", identity: "k8s", version: 1 });
    expect(resolveSecret(text, keys, "secret_env.A").reveal()).toBe(value);
  });

  test("is the password of a zdb", () => {
    const password = keys.password({ kind: "zdb-password", identity: "db", version: 2 });
    expect(resolveSecret("derive:zdb-password/db/2", keys, "secret_env.A")).toEqual(password);
    expect(resolveSecret("derive:zdb-password/db/2", keys, "secret_env.A").reveal()).toBe(password.reveal());
  });

  test.each(["derive:salt/web/1", "derive:k3s-key/k8s/1", "derive:k3s-token/k8s/0", "derive:k3s-token/k8s", "hunter2"])(
    "is not %s",
    (text) => {
      expect(parseSecretReference(text)).toBeUndefined();
    },
  );
});
