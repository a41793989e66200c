import { joinHostPort, splitHostPort } from "../../../lib/model/wire/host-port";
import { parseUrl } from "../../../lib/model/wire/url";

describe("a URL", () => {
  it.each([
    ["http://1.1.1.1:10", "http", "1.1.1.1"],
    ["HTTP://1.1.1.1", "http", "1.1.1.1"],
    ["http://1.1.1.1:", "http", "1.1.1.1"],
    ["http://1.1.1.1/path?q#f", "http", "1.1.1.1"],
    ["http://[2001:db8::1]:200", "http", "2001:db8::1"],
    ["http://[2001:db8::1]", "http", "2001:db8::1"],
    ["http://user:p%40ss@1.1.1.1", "http", "1.1.1.1"],
    ["http:1.1.1.1", "http", ""],
    ["http:/1.1.1.1", "http", ""],
    ["localhost:80", "localhost", ""],
    ["wss://logs.example.com/x", "wss", "logs.example.com"],
    ["redis://:secret@10.0.0.1:6379", "redis", "10.0.0.1"],
    ["//host/path", "", "host"],
    ["///path", "", ""],
    ["invalid", "", ""],
    ["", "", ""],
  ])("%j has scheme %j and host %j", (url, scheme, hostname) => expect(parseUrl(url)).toEqual({ scheme, hostname }));

  // The words are those of Go's net/url.
  it.each([
    ["1.1.1.1:10", 'parse "1.1.1.1:10": first path segment in URL cannot contain colon'],
    ["[2001:db8::1]:10", 'parse "[2001:db8::1]:10": first path segment in URL cannot contain colon'],
    [":80", 'parse ":80": missing protocol scheme'],
    ["http://1.1.1.1:port", 'parse "http://1.1.1.1:port": invalid port ":port" after host'],
    ["http://[::1", "parse \"http://[::1\": missing ']' in host"],
    ["http://[::1]x", 'parse "http://[::1]x": invalid port "x" after host'],
    ["http://a b", 'parse "http://a b": invalid character " " in host name'],
    ["http://%31.1.1.1", 'parse "http://%31.1.1.1": invalid URL escape "%31"'],
    ["http://1.1.1.1/%zz", 'parse "http://1.1.1.1/%zz": invalid URL escape "%zz"'],
    ["http://1.1.1.1/%2", 'parse "http://1.1.1.1/%2": invalid URL escape "%2"'],
    ["http://1.1.1.1/a#%", 'parse "http://1.1.1.1/a#%": invalid URL escape "%"'],
    ["http://us er@1.1.1.1", 'parse "http://us er@1.1.1.1": net/url: invalid userinfo'],
    ["http://1.1.1.1\n", 'parse "http://1.1.1.1\\n": net/url: invalid control character in URL'],
  ])("%j is refused: %s", (url, problem) => expect(parseUrl(url)).toEqual({ problem }));
});

describe("host and port", () => {
  it.each([
    ["1.1.1.1:10", "1.1.1.1", "10"],
    ["[2001:db8::1]:10", "2001:db8::1", "10"],
    [":80", "", "80"],
    ["host:", "host", ""],
    ["[]:1", "", "1"],
  ])("of %j are %j and %j", (address, host, port) => expect(splitHostPort(address)).toEqual({ host, port }));

  // The words are those of Go's net package.
  it.each([
    ["", "missing port in address"],
    ["1.1.1.1", "address 1.1.1.1: missing port in address"],
    ["2001:db8::1:80", "address 2001:db8::1:80: too many colons in address"],
    ["[::1]", "address [::1]: missing port in address"],
    ["[::1:80", "address [::1:80: missing ']' in address"],
    ["[::1]x:80", "address [::1]x:80: missing port in address"],
    ["[::1]:80:81", "address [::1]:80:81: too many colons in address"],
    ["a[b:80", "address a[b:80: unexpected '[' in address"],
    ["a]b:80", "address a]b:80: unexpected ']' in address"],
  ])("of %j cannot be told apart: %s", (address, problem) => expect(splitHostPort(address)).toEqual({ problem }));

  it("are joined with brackets around IPv6 only", () => {
    expect([joinHostPort("1.1.1.1", 80), joinHostPort("2001:db8::1", 80)]).toEqual(["1.1.1.1:80", "[2001:db8::1]:80"]);
  });
});
