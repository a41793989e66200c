import fc from "fast-check";
import { ProtobufError, ProtoWriter } from "../../lib/core/protobuf";
import {
  type Envelope,
  envelopeDigest,
  isFailFast,
  isSameAddress,
  signEnvelope,
  verifyEnvelope,
} from "../../lib/model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../lib/model/envelope-codec";
import { accountOf } from "../support/message-bus";

const text = fc.string({ unit: "binary", maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const uint32 = fc.nat(0xffff_ffff);
const address = fc.record({ twinId: uint32, session: text }, { requiredKeys: ["twinId"] });
const message = fc.oneof(
  fc.record({ kind: fc.constant("request" as const), command: text }),
  fc.record({ kind: fc.constant("error" as const), code: uint32, text }),
  fc.record({ kind: fc.constantFrom("response" as const, "ping" as const, "pong" as const) }),
);
const payload = fc.record({ kind: fc.constantFrom("plain" as const, "cipher" as const), bytes });
const seconds = fc.nat(Number.MAX_SAFE_INTEGER);
const required = { uid: text, timestampSec: seconds, expirationSec: seconds, relays: fc.array(text, { maxLength: 3 }) };
const optional = {
  ...{ tags: text, source: address, destination: address, message, payload },
  ...{ signature: bytes, schema: text, federation: text },
};
const envelopes: fc.Arbitrary<Envelope> = fc.record(
  { ...required, ...optional },
  { requiredKeys: ["uid", "timestampSec", "expirationSec", "relays"] },
);

const sample: Envelope = {
  uid: "u",
  timestampSec: 1,
  expirationSec: 2,
  source: { twinId: 7, session: "s" },
  destination: { twinId: 101 },
  message: { kind: "request", command: "zos.system.version" },
  payload: { kind: "plain", bytes: Buffer.from("{}") },
  schema: "application/json",
  relays: ["a", "b"],
};

describe("an envelope", () => {
  it("comes back from the wire as it was, absent and empty told apart", () => {
    fc.assert(fc.property(envelopes, (envelope) => expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope)));
  });

  it("never crashes a reader: any bytes are an envelope or the one error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (junk) => {
        try {
          decodeEnvelope(junk);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("never crashes a reader when real bytes are damaged, cut or joined", () => {
    const damage = fc.record({
      envelope: envelopes,
      at: fc.nat(400),
      byte: fc.nat(255),
      cut: fc.nat(400),
      tail: bytes,
    });
    fc.assert(
      fc.property(damage, ({ envelope, at, byte, cut, tail }) => {
        const wire = encodeEnvelope(envelope);
        wire[at % Math.max(1, wire.length)] = byte;
        try {
          decodeEnvelope(Buffer.concat([wire.subarray(0, cut), tail]));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("passes over fields that it does not know", () => {
    const unknown = new ProtoWriter().varint(18, 5).bytes(99, "later").finish();
    expect(decodeEnvelope(Buffer.concat([unknown, encodeEnvelope(sample), unknown]))).toEqual(sample);
  });

  it("takes the last of several messages or payloads, and merges an address that comes twice", () => {
    const more = new ProtoWriter()
      .bytes(14, "secret")
      .bytes(8, "")
      .bytes(5, new ProtoWriter().varint(1, 8).finish())
      .finish();
    expect(decodeEnvelope(Buffer.concat([encodeEnvelope(sample), more]))).toEqual({
      ...sample,
      source: { twinId: 8, session: "s" },
      message: { kind: "response" },
      payload: { kind: "cipher", bytes: Buffer.from("secret") },
    });
  });

  it.each([
    ["a twin beyond 32 bits", new ProtoWriter().bytes(5, new ProtoWriter().varint(1, 2 ** 32).finish())],
    ["a timestamp beyond 53 bits", new ProtoWriter().varint(3, 2n ** 53n)],
    ["text that is not UTF-8", new ProtoWriter().bytes(1, Uint8Array.of(0xff))],
    ["a uid that is a number", new ProtoWriter().varint(1, 1)],
    [
      "thousands of relays",
      Array.from({ length: 1025 }).reduce<ProtoWriter>((writer) => writer.bytes(17, "r"), new ProtoWriter()),
    ],
  ])("is refused with %s", (_, writer) => {
    expect(() => decodeEnvelope(writer.finish())).toThrow(ProtobufError);
  });
});

describe("a signature", () => {
  it.each(["sr25519", "ed25519"] as const)(
    "by %s holds for the signer only and for what it covers",
    async (keyType) => {
      const account = await accountOf(1, keyType);
      const other = await accountOf(2, keyType);
      const signed = signEnvelope(sample, account);
      expect(signed.signature).toHaveLength(65);
      expect(verifyEnvelope(signed, account.publicKey)).toBe(true);
      expect(verifyEnvelope(signed, other.publicKey)).toBe(false);
      expect(verifyEnvelope(sample, account.publicKey)).toBe(false);
      const covered: Partial<Envelope>[] = [
        ...[
          { uid: "v" },
          { tags: "t" },
          { timestampSec: 2 },
          { expirationSec: 3 },
          { source: { twinId: 8, session: "s" } },
        ],
        ...[{ destination: { twinId: 102 } }, { message: { kind: "request", command: "x" } } as const, { schema: "x" }],
        ...[
          { federation: "f" },
          { relays: ["a", "c"] },
          { payload: { kind: "plain", bytes: Buffer.from("[]") } } as const,
        ],
      ];
      for (const change of covered) expect(verifyEnvelope({ ...signed, ...change }, account.publicKey)).toBe(false);
    },
  );

  it("is refused when cut, empty, or of an unknown scheme", async () => {
    const account = await accountOf(1);
    const { signature = Buffer.alloc(0) } = signEnvelope(sample, account);
    for (const bad of [
      Buffer.alloc(0),
      signature.subarray(0, 64),
      Buffer.concat([Buffer.from("x"), signature.subarray(1)]),
    ])
      expect(verifyEnvelope({ ...sample, signature: bad }, account.publicKey)).toBe(false);
  });

  it("covers absent and empty text alike, and a missing address as twin 0", () => {
    const digest = (changes: Partial<Envelope>) => envelopeDigest({ ...sample, ...changes }).toString("hex");
    expect(digest({ tags: "", federation: "" })).toBe(digest({}));
    expect(digest({ source: undefined })).toBe(digest({ source: { twinId: 0 } }));
  });
});

describe("addresses and tags", () => {
  it("tell no session from an empty session", () => {
    expect(isSameAddress({ twinId: 1 }, { twinId: 1, session: "" })).toBe(false);
    expect(isSameAddress({ twinId: 1, session: undefined }, { twinId: 1 })).toBe(true);
    expect(isSameAddress(undefined, { twinId: 0 })).toBe(false);
  });

  it.each([
    ["fail-fast", true],
    ["x, fail-fast\ty", true],
    ["Fail-Fast", false],
    ["fail-faster", false],
    ["", false],
  ])("%j asks for fail-fast: %s", (tags, expected) => {
    expect(isFailFast({ ...sample, tags })).toBe(expected);
  });
});
