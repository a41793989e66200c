import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { Secret } from "../../../lib/core/secret";
import { KeyDerivation } from "../../../lib/model/key-derivation";
import {
  AUTHORITIES,
  type ClusterKeys,
  deriveAuthority,
  deriveBootClient,
  deriveServiceKey,
} from "../../../lib/model/kubernetes/authorities";

const MINI_SECRET = new Secret("fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e");
const keys = new KeyDerivation(MINI_SECRET, `0x${"11".repeat(32)}`, "shop");
const cluster: ClusterKeys = { keys, cluster: "k8s", version: 1 };

describe("the authorities of a cluster", () => {
  test.each(AUTHORITIES)("%s is an authority that k3s can use: signed by itself, valid for thirty years", (name) => {
    const { certificate, key, subject } = deriveAuthority(cluster, name);
    const read = new X509Certificate(certificate);
    expect(read.subject).toBe(`CN=${subject.commonName}`);
    expect(read.issuer).toBe(read.subject);
    expect(read.ca).toBe(true);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(key.pem))).toBe(true);
    expect([read.validFrom, read.validTo]).toEqual(["Jan  1 00:00:00 2024 GMT", "Jan  1 00:00:00 2054 GMT"]);
    expect(key.pem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
  });

  test("are the same to the byte every time", () => {
    expect(deriveAuthority(cluster, "server-ca")).toEqual(deriveAuthority({ ...cluster }, "server-ca"));
    // Pinned: another byte and no running server starts again.
    expect(deriveAuthority(cluster, "server-ca").certificate).toBe(PINNED);
  });

  test("differ by name, cluster, version and project", () => {
    const others: ClusterKeys[] = [
      { ...cluster, cluster: "other" },
      { ...cluster, version: 2 },
      { ...cluster, keys: new KeyDerivation(MINI_SECRET, `0x${"11".repeat(32)}`, "blog") },
    ];
    const all = [
      ...AUTHORITIES.map((name) => deriveAuthority(cluster, name)),
      ...others.map((other) => deriveAuthority(other, "server-ca")),
    ];
    expect(new Set(all.map(({ key }) => key.pem)).size).toBe(all.length);
    expect(new Set(all.map(({ subject }) => subject.commonName)).size).toBe(all.length);
    expect(new Set(all.map(({ certificate }) => new X509Certificate(certificate).serialNumber)).size).toBe(all.length);
  });

  test("vouch for the boot script of a server as an administrator", () => {
    const { certificate, key } = deriveBootClient(cluster);
    const read = new X509Certificate(certificate);
    const clientCa = new X509Certificate(deriveAuthority(cluster, "client-ca").certificate);
    expect(read.checkIssued(clientCa)).toBe(true);
    expect(read.verify(clientCa.publicKey)).toBe(true);
    expect(read.subject).toBe("O=system:masters\nCN=threefold:boot");
    expect([read.ca, read.keyUsage]).toEqual([false, ["1.3.6.1.5.5.7.3.2"]]);
    expect(createPublicKey(key.pem).export({ format: "der", type: "spki" })).toEqual(key.publicKey);
  });

  test("come with a key of their own for service accounts", () => {
    expect(createPrivateKey(deriveServiceKey(cluster).pem).asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  });
});

const PINNED = `-----BEGIN CERTIFICATE-----
MIIBhDCCASugAwIBAgIRAOlxK5whPTCmzPdUMOFxmjswCgYIKoZIzj0EAwIwITEf
MB0GA1UEAwwWazNzLXNlcnZlci1jYUBlOTcxMmI5YzAgFw0yNDAxMDEwMDAwMDBa
GA8yMDU0MDEwMTAwMDAwMFowITEfMB0GA1UEAwwWazNzLXNlcnZlci1jYUBlOTcx
MmI5YzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOKslRN60cBGu1YbhfVMp+iJ
JHZCpUZdZZ3pdkdLa3U6g4BgCBue7McCg+lrRIy/9V2xV4PGbe8+815KtYhk86yj
QjBAMA4GA1UdDwEB/wQEAwICpDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBTp
cSucIT0wpsz3VDDhcZo7CDwiDzAKBggqhkjOPQQDAgNHADBEAiA/ysW0Ma1wreer
5bLj+FWXgcvdtcDZuUdYLqK6UKblhAIgWQepEFIz8ROS5HS7aLeyLqyTmp25+8sk
74w/IpsaYWk=
-----END CERTIFICATE-----
`;
