import { backendAddress, backendProblem, isGatewayDomain, isGatewayName } from "../../lib/model/gateway-rules";
import { backendsProblem } from "../../lib/model/workloads/parts/gateway";

describe("a gateway name", () => {
  test.each(["abc", "shop-1", "0ad", "a".repeat(63)])("may be %s", (name) => {
    expect(isGatewayName(name)).toBe(true);
  });

  test.each(["ab", "Shop", "my_shop", "-shop", "shop-", "my.shop", "a".repeat(64), ""])("may not be %p", (name) => {
    expect(isGatewayName(name)).toBe(false);
  });
});

describe("a domain of one's own", () => {
  test.each(["example.org", "www.example.org", "xn--bcher-kva.example"])("may be %s", (domain) => {
    expect(isGatewayDomain(domain)).toBe(true);
  });

  test.each(["localhost", "www.example.org.", "WWW.example.org", "a..b.org", "-a.org", "http://a.org"])(
    "may not be %p",
    (domain) => {
      expect(isGatewayDomain(domain)).toBe(false);
    },
  );
});

describe("a backend", () => {
  const good: readonly [string, boolean][] = [
    ["http://185.206.122.100", false],
    ["http://185.206.122.100:8080", false],
    ["http://[2a10:b600:1::99]:80", false],
    ["http://[2a10:b600:1::99]", false],
    ["http://10.20.2.2:65535/", false],
    ["185.206.122.100:443", true],
    ["[2a10:b600:1::99]:443", true],
  ];
  test.each(good)("may be %s (passthrough: %s), and the node takes it", (backend, tlsPassthrough) => {
    expect(backendProblem(backend, tlsPassthrough)).toBeUndefined();
    expect(backendsProblem({ backends: [backend], tls_passthrough: tlsPassthrough })).toBeUndefined();
  });

  test.each<[string, boolean, RegExp]>([
    ["https://185.206.122.100", false, /plain http/],
    ["185.206.122.100:80", false, /plain http/],
    ["http://web.example.org", false, /no host name/],
    ["http://127.0.0.1:80", false, /can reach/],
    ["http://[::1]:80", false, /can reach/],
    ["http://185.206.122.100:0", false, /1 to 65535/],
    ["http://185.206.122.100:", false, /1 to 65535/],
    ["http://185.206.122.100/path", false, /http:\/\/ip/],
    ["http://2a10:b600:1::99", false, /IPv6 in brackets/],
    ["http://", false, /http:\/\/ip/],
    ["http://185.206.122.100:80", true, /no scheme/],
    ["185.206.122.100", true, /ip:port/],
    ["185.206.122.100:70000", true, /1 to 65535/],
    ["web.example.org:443", true, /no host name/],
    ["127.0.0.1:443", true, /can reach/],
    ["", true, /ip:port/],
  ])("may not be %p (passthrough: %s)", (backend, tlsPassthrough, allowed) => {
    expect(backendProblem(backend, tlsPassthrough)).toMatch(allowed);
  });

  test.each(good)("tells the address it is reached at: %s", (backend) => {
    expect(backendAddress(backend)?.length).toBe(backend.includes("[") ? 16 : 4);
  });
});
