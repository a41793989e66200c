import type { Log } from "../../core/log";
import { addressOf } from "../../model/address";
import { type HttpAnswer, type HttpService, jsonAnswer, startHttpService } from "../http-service";
import type { Ledger } from "../ledger";
import type { KycRegistry } from "./kyc-registry";

/** What the identity check needs. */
export interface KycServerOptions {
  /** Who has which account. */
  readonly ledger: Ledger;
  /** Who is verified. */
  readonly registry: KycRegistry;
  /** @default 0: any free port */
  readonly port?: number;
  /** Where requests that failed are told. */
  readonly log: Log;
}

/**
 * Serves `GET /api/v1/status?twin_id=N` or `?client_id=<ss58>`.
 *
 * Differs from the real service: no verification can be started, and every twin is verified unless a test says not.
 */
export function startKycServer({ ledger, registry, port, log }: KycServerOptions): Promise<HttpService> {
  return startHttpService({
    name: "kyc",
    port,
    log,
    handle: ({ url }): HttpAnswer => {
      if (url.pathname !== "/api/v1/status") return jsonAnswer(404, { error: "not found" });
      const twinId = url.searchParams.get("twin_id");
      const clientId = url.searchParams.get("client_id");
      if (!twinId && !clientId) return jsonAnswer(400, { error: "client_id or twin_id is required" });
      const known = twinId ? twinByNumber(ledger, twinId) : twinByAddress(ledger, clientId ?? "");
      if (known === undefined) return jsonAnswer(404, { error: "Account not found" });
      return jsonAnswer(200, { result: { status: registry.statusOf(known) } });
    },
  });
}

function twinByNumber(ledger: Ledger, text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? ledger.getTwin(Number(text))?.twinId : undefined;
}

function twinByAddress(ledger: Ledger, address: string): number | undefined {
  return ledger.listTwins().find((twin) => addressOf(twin.accountId) === address)?.twinId;
}
