/** Where the certificate of a served domain is: `none` when TLS goes through to the backend. */
type CertificateState = "none" | "pending" | "issued" | "failed";

/** A domain that the node's web gateway serves. */
export interface ServedDomain {
  /** Whole domain name. */
  readonly fqdn: string;
  /** Workload id. */
  readonly id: string;
  /** Where requests go; missing in states of earlier releases, as is what follows. */
  readonly backends?: readonly string[];
  /** `wildcard`: under the node's domain, whose one certificate is there already. `own`: asked for when it is first served. */
  readonly certificate?: "none" | "wildcard" | "own";
  /** Unix milliseconds of chain time since when it is served. */
  readonly since?: number;
  /** Set by a control instead of what time brings. */
  readonly forced?: "pending" | "issued" | "failed";
}

/** How long an authority takes to check a domain over HTTP and to issue a certificate, in milliseconds. */
const ISSUE_MS = 5_000;

/** A served domain as a test looks at it. No deployment's result tells of certificates: clients see them when they connect. */
export interface GatewayReport {
  /** Whole domain name. */
  readonly domain: string;
  /** Where requests go. */
  readonly backends: readonly string[];
  /** How far its certificate is. */
  readonly certificate: CertificateState;
}

/** What there is to see of a served domain. @param now Unix milliseconds of chain time */
export function reportOf(domain: ServedDomain, now: number): GatewayReport {
  return { domain: domain.fqdn, backends: domain.backends ?? [], certificate: certificateState(domain, now) };
}

function certificateState(domain: ServedDomain, now: number): CertificateState {
  const { certificate = "own", since = 0, forced } = domain;
  if (certificate === "none") return "none";
  if (forced) return forced;
  return certificate === "wildcard" || now - since >= ISSUE_MS ? "issued" : "pending";
}
