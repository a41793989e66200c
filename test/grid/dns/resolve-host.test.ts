import { silentLog } from "../../../lib/core/log";
import { type DnsServer, startDnsServer } from "../../../lib/devgrid/dns/dns-server";
import { NameTable } from "../../../lib/devgrid/dns/name-table";
import { resolveHost } from "../../../lib/grid/dns/resolve-host";

const names = new NameTable({ "www.example.org": ["185.206.122.31", "2a10:b600:1::31"] });
let server: DnsServer;

beforeAll(async () => {
  server = await startDnsServer({ names, log: silentLog });
});

afterAll(() => server.close());

test("finds the addresses of both families at the servers that were given", async () => {
  expect(await resolveHost([server.address], "www.example.org")).toEqual(["185.206.122.31", "2a10:b600:1::31"]);
});

test("finds nothing for a name that leads nowhere", async () => {
  expect(await resolveHost([server.address], "shop.example.org")).toEqual([]);
});

test("asks the machine itself when no server is given", async () => {
  expect(await resolveHost([], "localhost")).toEqual(expect.arrayContaining([expect.stringMatching(/^(127\.|::1$)/)]));
});

test("fails when no server answers: that nobody knows is no answer", async () => {
  const silent = await startDnsServer({ names, log: silentLog });
  await silent.close();
  await expect(resolveHost([silent.address], "www.example.org")).rejects.toMatchObject({
    code: "TFG_DNS_UNREACHABLE",
    retryable: true,
    facts: { servers: silent.address },
  });
});

test("gives up when it is interrupted", async () => {
  const silent = await startDnsServer({ names, log: silentLog });
  silent.setDown(true);
  const interrupt = new AbortController();
  const asked = resolveHost([silent.address], "www.example.org", interrupt.signal);
  interrupt.abort(new Error("Ctrl-C"));
  await expect(asked).rejects.toThrow("Ctrl-C");
  await silent.close();
});
