import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Devgrid, type DevgridService } from "../../lib/devgrid/devgrid";
import { portRefusal } from "../../lib/devgrid/port-refusal";

let other: Server;
let port: number;

beforeAll(async () => {
  other = createServer();
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  port = (other.address() as AddressInfo).port;
});
afterAll(() => new Promise((closed) => other.close(closed)));

describe("a port that somebody else has", () => {
  it.each<DevgridService>(["chain", "relay", "directory", "graphql", "kyc", "control"])(
    "is told by the service it was for: %s",
    async (service) => {
      await expect(Devgrid.start({ ports: { [service]: port } })).rejects.toMatchObject({
        code: "TFG_DEVGRID_PORT",
        summary: `Port ${port} cannot be used.`,
        facts: { for: service, reason: "something listens there already" },
      });
    },
  );

  it("may be one that another service of the same grid was given", async () => {
    const free = await freePort();
    await expect(Devgrid.start({ ports: { directory: free, kyc: free } })).rejects.toMatchObject({
      facts: { for: "directory and kyc" },
    });
  });
});

test("an error about something else stays what it is", () => {
  expect(portRefusal(new Error("broken"), { chain: 1 })).toBeUndefined();
  expect(portRefusal(Object.assign(new Error("no file"), { code: "EACCES" }), { chain: 1 })).toBeUndefined();
});

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return free;
}
