/**
 * URLs as the node's parser takes them apart, with its own words for what it refuses. The browser-style `URL` class is
 * no substitute: it repairs what the node refuses, and refuses what the node takes.
 *
 * @source Go net/url Parse
 */

/** What is asked of a URL. */
export interface UrlParts {
  /** Lower case; empty when there is none. */
  readonly scheme: string;
  /** Without port and brackets; empty when there is none. */
  readonly hostname: string;
}

/** Why a text is no URL. */
export interface UrlProblem {
  /** In the node's words. */
  readonly problem: string;
}

/** Takes a URL apart, or says why it is none. */
export function parseUrl(given: string): UrlParts | UrlProblem {
  const [url = "", ...fragments] = given.split("#");
  const parts = parseWithoutFragment(url);
  if (typeof parts === "string") return refuse(url, parts);
  const badEscape = escapeProblem(fragments.join("#"));
  return badEscape ? refuse(given, badEscape) : parts;
}

function refuse(url: string, why: string): UrlProblem {
  return { problem: `parse ${JSON.stringify(url)}: ${why}` };
}

function parseWithoutFragment(url: string): UrlParts | string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(url)) return "net/url: invalid control character in URL";
  if (url.startsWith(":")) return "missing protocol scheme";
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:)/.exec(url)?.[0] ?? "";
  const [rest = ""] = url.slice(scheme === "" ? 0 : scheme.length + 1).split("?");
  if (!rest.startsWith("/")) return parseRootless(scheme, rest);
  // Without a scheme, three slashes begin a path.
  const hasAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  const [, authority = "", path = ""] = (hasAuthority ? /^\/\/([^/]*)(.*)$/s : /^()(.*)$/s).exec(rest) ?? [];
  const problem = authorityProblem(authority) ?? escapeProblem(path);
  return problem ?? { scheme: scheme.toLowerCase(), hostname: hostnameOf(authority) };
}

function parseRootless(scheme: string, rest: string): UrlParts | string {
  if (scheme !== "") return { scheme: scheme.toLowerCase(), hostname: "" };
  if (rest.split("/")[0]?.includes(":")) return "first path segment in URL cannot contain colon";
  return escapeProblem(rest) ?? { scheme: "", hostname: "" };
}

function authorityProblem(authority: string): string | undefined {
  const at = authority.lastIndexOf("@");
  const problem = hostProblem(authority.slice(at + 1));
  if (problem || at < 0) return problem;
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return "net/url: invalid userinfo";
  return escapeProblem(user);
}

function hostProblem(host: string): string | undefined {
  const bracket = host.startsWith("[") ? host.lastIndexOf("]") : undefined;
  if (bracket === -1) return "missing ']' in host";
  const lastColon = host.lastIndexOf(":");
  const port = bracket === undefined ? (lastColon < 0 ? "" : host.slice(lastColon)) : host.slice(bracket + 1);
  if (!/^(:\d*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const badEscape = escapeProblem(host, /^%(25|[89a-fA-F])/);
  const stray = /[ \\^`{|}]/.exec(host)?.[0];
  return badEscape ?? (stray && `invalid character ${JSON.stringify(stray)} in host name`);
}

/** A percent sign must be followed by two hexadecimal digits, in hosts only by some. */
function escapeProblem(part: string, allowed = /^%/): string | undefined {
  const sequences = part.match(/%.{0,2}/gs) ?? [];
  const bad = sequences.find((sequence) => !/^%[0-9a-fA-F]{2}$/.test(sequence) || !allowed.test(sequence));
  return bad && `invalid URL escape ${JSON.stringify(bad)}`;
}

function hostnameOf(authority: string): string {
  const host = authority
    .slice(authority.lastIndexOf("@") + 1)
    .replace(/:\d*$/, "")
    .replaceAll("%25", "%");
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
