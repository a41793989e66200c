import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { silentLog } from "../../../lib/core/log";
import { type DnsServer, startDnsServer } from "../../../lib/devgrid/dns/dns-server";
import { NameTable } from "../../../lib/devgrid/dns/name-table";

const names = new NameTable({ "www.example.org": ["185.206.122.31", "2a10:b600:1::31"] });
let server: DnsServer;
let resolver: Resolver;

beforeAll(async () => {
  server = await startDnsServer({ names, log: silentLog });
  resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([server.address]);
});

afterAll(() => server.close());

test("answers for the names that were set, each family for itself", async () => {
  expect(await resolver.resolve4("www.example.org")).toEqual(["185.206.122.31"]);
  expect(await resolver.resolve6("WWW.example.org")).toEqual(["2a10:b600:1::31"]);
});

test("says of every other name that it does not exist, and of a family without an address that it has none", async () => {
  await expect(resolver.resolve4("shop.example.org")).rejects.toMatchObject({ code: "ENOTFOUND" });
  names.set("v4.example.org", ["185.206.122.31"]);
  await expect(resolver.resolve6("v4.example.org")).rejects.toMatchObject({ code: "ENODATA" });
});

test("follows the table at once, and refuses what is no address", async () => {
  names.set("www.example.org.", ["185.206.122.32"]);
  expect(await resolver.resolve4("www.example.org")).toEqual(["185.206.122.32"]);
  names.set("www.example.org", []);
  await expect(resolver.resolve4("www.example.org")).rejects.toMatchObject({ code: "ENOTFOUND" });
  expect(() => names.set("www.example.org", ["gent01"])).toThrow('"gent01" is no IP address');
});

test("goes on after a packet that is no question, and counts it", async () => {
  const before = server.requestCount();
  const [host = "", port] = server.address.split(":");
  const socket = createSocket("udp4");
  socket.send(Buffer.from("hello"), Number(port), host);
  names.set("after.example.org", ["185.206.122.33"]);
  expect(await resolver.resolve4("after.example.org")).toEqual(["185.206.122.33"]);
  expect(server.requestCount() - before).toBeGreaterThanOrEqual(2);
  socket.close();
  await once(socket, "close");
});
