import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FoundCluster } from "../../../lib/cli/kubeconfig/found-cluster";
import { serverUrl } from "../../../lib/cli/kubeconfig/server-url";
import { StateLock } from "../../../lib/devgrid/state-lock";

const cluster = {
  name: "k8s",
  endpoint: undefined,
  servers: [{ name: "server-1", contractId: 7, addresses: ["10.20.2.2"] }],
  origin: { network: "devgrid" },
} as unknown as FoundCluster;

const home = mkdtempSync(join(tmpdir(), "server-url-"));
const before = process.env.THREEFOLD_DEVGRID_HOME;

beforeAll(() => {
  process.env.THREEFOLD_DEVGRID_HOME = home;
});
afterAll(() => {
  if (before === undefined) delete process.env.THREEFOLD_DEVGRID_HOME;
  else process.env.THREEFOLD_DEVGRID_HOME = before;
  rmSync(home, { recursive: true });
});

/** The URL while a devgrid is announced whose controls answer as told. */
async function urlWhile(answer: RequestListener): Promise<string> {
  const controls = createServer(answer);
  await new Promise<void>((ready) => controls.listen(0, "127.0.0.1", ready));
  const lock = StateLock.take(join(home, "state.json"));
  lock.announce({ control: `http://127.0.0.1:${(controls.address() as AddressInfo).port}` });
  try {
    return await serverUrl(cluster);
  } finally {
    lock.release();
    controls.closeAllConnections();
    controls.close();
  }
}

describe("the server of a cluster on devgrid", () => {
  test("is where devgrid serves it", async () => {
    const servers = [{ contractId: 7, url: "https://127.0.0.1:4001" }];
    const url = await urlWhile((_, response) => response.end(JSON.stringify({ result: { servers } })));
    expect(url).toBe("https://127.0.0.1:4001");
  });

  test.each<[string, RequestListener]>([
    ["breaks off", (request) => request.socket.destroy()],
    ["gives no JSON", (_, response) => response.end("gone")],
    ["says nothing", () => undefined],
  ])("is an address of the state while devgrid %s", async (_what, answer) => {
    expect(await urlWhile(answer)).toBe("https://10.20.2.2:6443");
  });
});
