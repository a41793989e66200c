import { Secret } from "../../lib/core/secret";
import type { Deployment, DeploymentSignature, SignatureRequirement } from "../../lib/model/deployment";
import { createKeyPair, type KeyPair } from "../../lib/model/key-pair";
import { signDeployment, signedByOwner } from "../../lib/model/signature-requirement";
import { verifySignatures } from "../../lib/model/verify-signatures";
import { deploymentOf, workloadJson } from "../support/deployments";

let alice: KeyPair;
let bob: KeyPair;

beforeAll(async () => {
  alice = await createKeyPair(new Secret("//Alice"), "sr25519");
  bob = await createKeyPair(new Secret("//Bob"), "ed25519");
});

const bare = deploymentOf([workloadJson("zmount", "d", { size: 1 })]);

function requiring(requirement: Partial<SignatureRequirement>): Deployment {
  return { ...bare, signature_requirement: { ...signedByOwner(703), ...requirement } };
}

/** Alice is twin 703, Bob twin 21. */
function verdict(deployment: Deployment): string | undefined {
  return verifySignatures(deployment, (twinId) =>
    new Map([
      [703, alice.publicKey],
      [21, bob.publicKey],
    ]).get(twinId),
  );
}

function withSignatures(
  deployment: Deployment,
  change: (own: DeploymentSignature) => DeploymentSignature[],
): Deployment {
  const requirement = deployment.signature_requirement;
  return {
    ...deployment,
    signature_requirement: { ...requirement, signatures: requirement.signatures.flatMap(change) },
  };
}

const both = [
  { twin_id: 703, required: false, weight: 1 },
  { twin_id: 21, required: false, weight: 1 },
];

describe("the node's check of signatures", () => {
  it.each([[""], ["polka-wallet"], ["some other style"]])("accepts the owner's in style %j", (signature_style) => {
    expect(verdict(signDeployment(requiring({ signature_style }), 703, alice))).toBeUndefined();
  });

  it("refuses one of another style or another content", () => {
    const signed = signDeployment(requiring({}), 703, alice);
    const { signatures } = signed.signature_requirement;
    expect(verdict(requiring({ signatures, signature_style: "polka-wallet" }))).toBe("failed to verify signature");
    expect(verdict({ ...signed, metadata: "x" })).toBe("failed to verify signature");
    expect(verdict({ ...signed, contract_id: 9 })).toBeUndefined();
  });

  it("takes an unknown type for ed25519", () => {
    const signed = signDeployment(requiring({ requests: both, weight_required: 2 }), 21, bob);
    const untyped = withSignatures(signed, (own) => [{ ...own, signature_type: "" }]);
    expect(verdict(signDeployment(untyped, 703, alice))).toBeUndefined();
    const mistyped = withSignatures(signDeployment(requiring({}), 703, alice), (own) => [
      { ...own, signature_type: "SR25519" },
    ]);
    expect(verdict(mistyped)).toBe("failed to verify signature");
  });

  it("requires the owner's whatever the request says, and the owner among the requests", () => {
    expect(verdict(requiring({}))).toBe("missing required signature for twin '703'");
    const others = requiring({ requests: [{ twin_id: 21, required: true, weight: 1 }] });
    expect(verdict(others)).toBe("missing required signature for twin '21'");
    expect(verdict(signDeployment(others, 21, bob))).toBe("originator twin id must be in the signature requests");
    expect(verdict(requiring({ requests: [] }))).toBe("originator twin id must be in the signature requests");
  });

  it("fails on a request without signature although it is not required", () => {
    const signed = signDeployment(requiring({ requests: both }), 703, alice);
    expect(verdict(signed)).toBe("failed to verify signature");
  });

  it("adds up weights", () => {
    const signed = signDeployment(requiring({ requests: both, weight_required: 3 }), 703, alice);
    expect(verdict(signDeployment(signed, 21, bob))).toBe("required signature weight is not reached");
  });

  it("looks at the first signature of a twin", () => {
    const signed = signDeployment(requiring({}), 703, alice);
    const bad = { twin_id: 703, signature: "00", signature_type: "sr25519" };
    expect(verdict(withSignatures(signed, (own) => [bad, own]))).toBe("failed to verify signature");
    expect(verdict(withSignatures(signed, (own) => [own, bad]))).toBeUndefined();
  });

  it.each([
    [(hex: string) => `0x${hex}`, "invalid signature: encoding/hex: invalid byte: U+0078 'x'"],
    [(hex: string) => hex.slice(1), "invalid signature: encoding/hex: odd length hex string"],
    [(hex: string) => hex.slice(2), "failed to verify signature"],
    [(hex: string) => hex.toUpperCase(), undefined],
    // The node looks at 64 bytes of an sr25519 signature and no further.
    [(hex: string) => `${hex}00`, undefined],
  ])("says of a badly written signature (%#)", (write, problem) => {
    const signed = signDeployment(requiring({}), 703, alice);
    expect(verdict(withSignatures(signed, (own) => [{ ...own, signature: write(own.signature) }]))).toBe(problem);
  });

  it("names a twin that the chain does not know", () => {
    const signed = signDeployment(requiring({}), 703, alice);
    expect(verifySignatures(signed, () => undefined)).toMatch(/^failed to get public key for twin '703'/);
  });
});

describe("signing", () => {
  it("replaces all earlier signatures of the twin, and keeps the others", () => {
    const stale = [
      { twin_id: 703, signature: "00", signature_type: "ed25519" },
      { twin_id: 21, signature: "11", signature_type: "ed25519" },
      { twin_id: 703, signature: "22", signature_type: "ed25519" },
    ];
    const { signatures } = signDeployment(requiring({ signatures: stale }), 703, alice).signature_requirement;
    expect(signatures).toEqual([
      stale[1],
      { twin_id: 703, signature: expect.stringMatching(/^[0-9a-f]{128}$/), signature_type: "sr25519" },
    ]);
  });

  it("is repeatable under ed25519", () => {
    expect(signDeployment(bare, 703, bob)).toEqual(signDeployment(bare, 703, bob));
  });
});
