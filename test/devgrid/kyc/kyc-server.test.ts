import { encodeAddress } from "@polkadot/util-crypto";
import { silentLog } from "../../../lib/core/log";
import type { HttpService } from "../../../lib/devgrid/http-service";
import { KycRegistry } from "../../../lib/devgrid/kyc/kyc-registry";
import { startKycServer } from "../../../lib/devgrid/kyc/kyc-server";
import { sampleGrid } from "../../support/plain-ledger";

const registry = new KycRegistry({ 1: "PENDING" });
let server: HttpService;

beforeAll(async () => {
  server = await startKycServer({ ledger: sampleGrid().ledger, registry, log: silentLog });
});

afterAll(() => server.close());

const address = encodeAddress(new Uint8Array(32).fill(7), 42);

test.each([
  ["/api/v1/status?twin_id=7", 200, { result: { status: "VERIFIED" } }],
  [`/api/v1/status?client_id=${address}`, 200, { result: { status: "VERIFIED" } }],
  ["/api/v1/status?twin_id=1", 200, { result: { status: "PENDING" } }],
  ["/api/v1/status?twin_id=99", 404, { error: "Account not found" }],
  ["/api/v1/status?client_id=5nonsense", 404, { error: "Account not found" }],
  ["/api/v1/status", 400, { error: "client_id or twin_id is required" }],
  ["/api/v1/other", 404, { error: "not found" }],
])("GET %s", async (path, status, body) => {
  const answer = await fetch(server.url + path);
  expect([answer.status, await answer.json()]).toEqual([status, body]);
});

test("a status set by a test is seen at once, and forgotten when verified again", async () => {
  registry.setStatus(7, "REJECTED");
  const answer = await fetch(`${server.url}/api/v1/status?twin_id=7`);
  expect(await answer.json()).toEqual({ result: { status: "REJECTED" } });
  registry.setStatus(7, "VERIFIED");
  expect(JSON.stringify(registry)).toBe('{"1":"PENDING"}');
});
