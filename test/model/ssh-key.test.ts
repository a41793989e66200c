import { holdsPrivateKey, sshKeyRefusal } from "../../lib/model/ssh-key";

const BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIEWPh3qRUq5o0JkXtxmJw4Ww0uSP8VbMq2l8hYb7o4Zb";

describe("a public SSH key", () => {
  it.each([
    `ssh-ed25519 ${BLOB}`,
    `ssh-ed25519 ${BLOB} me@home\n`,
    `ssh-rsa ${BLOB}== several words`,
    `sk-ssh-ed25519@openssh.com ${BLOB}`,
    `ecdsa-sha2-nistp256 ${BLOB}`,
  ])("is %j", (key) => {
    expect(sshKeyRefusal(key)).toBeUndefined();
  });

  it.each([
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary", "is a private key"],
    ["a private key of PuTTY", "PuTTY-User-Key-File-3: ssh-ed25519\ncanary", "is a private key"],
    ["nothing", " ", "is empty"],
    ["two keys in one text", `ssh-ed25519 ${BLOB}\nssh-ed25519 ${BLOB}`, "has several lines"],
    ["digits without a type", "canary", "is no public SSH key"],
    ["a type nobody takes any more", "ssh-dss canary", "is no public SSH key"],
    ["half a key", "ssh-ed25519", "is a damaged SSH key"],
    ["a key with a gap", "ssh-ed25519 canary", "is a damaged SSH key"],
    ["a comma in the comment", `ssh-ed25519 ${BLOB} canary,work`, "has a comma, where images split it"],
  ])("is not %s, which is not repeated", (_title, key, what) => {
    const refusal = sshKeyRefusal(key);
    expect(refusal).toMatchObject({ what });
    expect(JSON.stringify(refusal)).not.toContain("canary");
  });

  it.each(["~/.ssh/id_ed25519.pub", "/home/me/key", "keys/me.pub", "C:\\keys\\me.pub"])(
    "is not the path %s",
    (path) => {
      expect(sshKeyRefusal(path)).toMatchObject({ what: "is a path", given: path });
    },
  );
});

test("a private key is found inside other text", () => {
  expect(holdsPrivateKey('{ "key": "-----BEGIN RSA PRIVATE KEY-----" }')).toBe(true);
  expect(holdsPrivateKey(`ssh-ed25519 ${BLOB}`)).toBe(false);
});
