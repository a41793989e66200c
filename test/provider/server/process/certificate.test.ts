import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { makeCertificate } from "../../../../lib/provider/server/process/certificate";

describe("the plugin's certificate", () => {
  it("is for localhost, signed by itself, and valid from a moment ago", () => {
    const now = new Date("2026-03-01T12:00:00.500Z");
    const certificate = new X509Certificate(makeCertificate(now).cert);
    expect(certificate.subject).toBe("CN=localhost");
    expect(certificate.issuer).toBe("CN=localhost");
    expect(certificate.subjectAltName).toBe("DNS:localhost");
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.ca).toBe(true);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(new Date(certificate.validFrom).toISOString()).toBe("2026-03-01T11:59:30.000Z");
    expect(new Date(certificate.validTo).toISOString()).toBe("2027-03-01T12:00:00.000Z");
  });

  // A signature, a serial number or an empty PEM line that only sometimes comes out wrong once failed 1 start in 1000.
  it("is accepted by OpenSSL every time", () => {
    const lengths = new Set<number>();
    for (let i = 0; i < 3000; i++) {
      const { key, cert, der } = makeCertificate();
      lengths.add(der.length % 48);
      expect(() => createSecureContext({ key, cert, ca: cert })).not.toThrow();
    }
    expect(lengths.size).toBeGreaterThan(1);
  });

  it("wraps its PEM without an empty line at any length", () => {
    for (let i = 0; i < 500; i++) {
      const lines = makeCertificate().cert.trimEnd().split("\n");
      expect(lines.every((line) => line.length > 0 && line.length <= 64)).toBe(true);
    }
  });
});
