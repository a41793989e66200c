import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../../lib/core/clock";
import { GridError } from "../../../lib/core/errors";
import { silentLog } from "../../../lib/core/log";
import { GIB } from "../../../lib/core/units";
import { DirectoryIndex } from "../../../lib/devgrid/directory/directory-index";
import { startDirectoryServer } from "../../../lib/devgrid/directory/directory-server";
import type { HttpService } from "../../../lib/devgrid/http-service";
import { createDirectoryClient } from "../../../lib/grid/directory/directory-client";
import { nodeContract, sampleGrid } from "../../support/plain-ledger";

/** Pauses pass at once and move the time. */
class SkippingClock implements Clock {
  #now = 0;
  now = () => this.#now;
  sleep = async (ms: number) => {
    this.#now += ms;
  };
}

const opened: Server[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A directory of the test's own, for answers that ours never gives. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const client = (...urls: string[]) =>
  createDirectoryClient({ urls, clock: new SkippingClock(), log: silentLog, tryMs: 2_000 });

const failure = async (work: Promise<unknown>): Promise<GridError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GridError)) throw new Error(`no GridError but ${error}`);
  return error;
};

describe("against the devgrid directory", () => {
  const { ledger, factsOf } = sampleGrid();
  let directory: HttpService;

  beforeAll(async () => {
    const index = new DirectoryIndex({ ledger, factsOf });
    directory = await startDirectoryServer({ index, factsOf, now: ledger.now, log: silentLog });
  });

  afterAll(() => directory.close());

  test("a listed node and the same node alone read the same", async () => {
    const [listed] = await client(directory.url).listNodes({ node_id: 2 });
    expect(listed).toEqual({
      nodeId: 2,
      farmId: 1,
      farmName: "Freefarm",
      twinId: 102,
      country: "Belgium",
      city: "Ghent",
      region: undefined,
      status: "up",
      isCertified: false,
      isHealthy: true,
      total: { cru: 4, mru: 8 * GIB, sru: 500 * GIB, hru: 0 },
      used: { cru: 3, mru: 4 * GIB, sru: 60 * GIB, hru: 0 },
      publicIpv4: "185.206.122.31/24",
      publicIpv6: "",
      domain: "",
      isInDedicatedFarm: false,
      isRentable: false,
      rentedByTwinId: 0,
      extraFee: 0,
      features: [
        "zmount",
        "network",
        "zmachine",
        "ipv4",
        "ip",
        "wireguard",
        "gateway-name-proxy",
        "gateway-fqdn-proxy",
      ],
      numGpu: 0,
      farmFreeIps: 2,
    });
    expect(await client(`${directory.url}/`).getNode(2)).toEqual(listed);
  });

  test("farms are listed with the public addresses they have and have left", async () => {
    const [farm, ...others] = await client(directory.url).listFarms({ farm_id: 1 });
    expect(others).toEqual([]);
    expect(farm).toMatchObject({ farmId: 1, name: "Freefarm", isDedicated: false, certification: "NotCertified" });
    expect(farm?.freeIps).toBeLessThanOrEqual(farm?.publicIps ?? -1);
    expect(farm?.publicIps).toBeGreaterThan(0);
  });

  test("an unknown node is undefined, not an error", async () => {
    expect(await client(directory.url).getNode(99)).toBeUndefined();
  });

  test("only live contracts of the twin are listed, every page of them", async () => {
    for (let id = 1000; id < 1450; id++) ledger.contracts.push(nodeContract(id, 1));
    const before = directory.requestCount();
    const contracts = await client(directory.url).listContracts(7);
    expect(contracts).toHaveLength(453);
    expect(contracts[0]).toEqual({
      contractId: 21,
      kind: "node",
      nodeId: 2,
      deploymentData: '{"type":"vm","name":"vm21","projectName":"vm/vm21"}',
    });
    expect(contracts.slice(1, 3).map(({ kind, nodeId }) => [kind, nodeId])).toEqual([
      ["rent", 3],
      ["name", 0],
    ]);
    expect(directory.requestCount() - before).toBe(3);
  });

  test("a refused query is an error at once, with the directory's words", async () => {
    const before = directory.requestCount();
    const error = await failure(client(directory.url).listNodes({ farm_id: 1 }));
    expect([error.code, error.retryable, error.facts["it said"]]).toEqual([
      "TFG_DIRECTORY_REFUSED",
      false,
      expect.stringContaining("invalid path"),
    ]);
    expect(directory.requestCount() - before).toBe(1);
  });

  test("an endpoint that fails is passed over, and the one that answered is asked first next time", async () => {
    let hits = 0;
    const broken = await serve((_request, response) => {
      hits++;
      response.writeHead(503).end("maintenance");
    });
    const both = client(broken, directory.url);
    expect((await both.getNode(1))?.nodeId).toBe(1);
    expect((await both.getNode(2))?.nodeId).toBe(2);
    expect(hits).toBe(1);
  });
});

describe("when nothing answers", () => {
  test("every endpoint is tried in three rounds, and the error says what each did", async () => {
    let hits = 0;
    const broken = await serve((_request, response) => {
      hits++;
      response.writeHead(502).end("bad gateway");
    });
    const closed = "http://user:secret@127.0.0.1:9";
    const error = await failure(client(broken, closed).listContracts(7));
    expect([error.code, error.retryable]).toEqual(["TFG_DIRECTORY_UNREACHABLE", true]);
    expect(hits).toBe(3);
    expect(error.facts.tried).toContain("HTTP 502 bad gateway");
    expect(error.message).not.toContain("secret");
  });

  test("credentials in a URL are sent as basic authentication", async () => {
    let authorization: string | undefined;
    const url = await serve((request, response) => {
      authorization = request.headers.authorization;
      response.end("[]");
    });
    await client(url.replace("://", "://user:p%40ss@")).listNodes({});
    expect(authorization).toBe(`Basic ${Buffer.from("user:p@ss").toString("base64")}`);
  });

  test("a directory that hangs is given up after its deadline", async () => {
    const url = await serve(() => undefined);
    const hanging = createDirectoryClient({ urls: [url], clock: new SkippingClock(), log: silentLog, tryMs: 20 });
    const error = await failure(hanging.getNode(1));
    expect([error.code, error.facts.tried]).toEqual([
      "TFG_DIRECTORY_UNREACHABLE",
      expect.stringContaining("no answer in time"),
    ]);
  });

  test("an abort ends the call with its own reason", async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort(new Error("stopped by the user")));
    await expect(client(url).getNode(1, stop.signal)).rejects.toThrow("stopped by the user");
  });
});

describe("hostile answers", () => {
  const sane = { nodeId: 1, farmId: 1, twinId: 2, status: "up" };
  const resources = { cru: 1, mru: 2, sru: 3, hru: 4 };

  test.each([
    ["no JSON", "<html>", "it is no JSON"],
    ["an object for a list", "{}", "it is no list"],
    ["a text for a node", '["node"]', '"nodeId" is no number'],
    [
      "a missing id",
      JSON.stringify([{ ...sane, nodeId: undefined, total_resources: resources, used_resources: resources }]),
      '"nodeId" is no number',
    ],
    [
      "an id of zero",
      JSON.stringify([{ ...sane, farmId: 0, total_resources: resources, used_resources: resources }]),
      '"farmId" is no id',
    ],
    [
      "a negative size",
      JSON.stringify([{ ...sane, total_resources: { ...resources, mru: -1 }, used_resources: resources }]),
      '"mru" is no number',
    ],
  ])("%s is refused", async (_case, body, reason) => {
    const url = await serve((_request, response) => void response.end(body));
    const error = await failure(client(url).listNodes({}));
    expect([error.code, error.summary]).toEqual(["TFG_DIRECTORY_REFUSED", expect.stringContaining(reason)]);
  });

  test("fields that only describe may be missing or wrong", async () => {
    const node = {
      ...sane,
      status: "dancing",
      features: null,
      publicConfig: 7,
      total_resources: resources,
      used_resources: resources,
    };
    const url = await serve((_request, response) => void response.end(JSON.stringify([node])));
    expect(await client(url).listNodes({})).toMatchObject([
      { nodeId: 1, status: "down", features: [], publicIpv4: "", isHealthy: false, farmFreeIps: 0 },
    ]);
  });

  test("a list without end is given up", async () => {
    let page = 0;
    const url = await serve((_request, response) => {
      const rows = Array.from({ length: 200 }, (_, row) => ({
        ...sane,
        nodeId: page * 200 + row + 1,
        total_resources: resources,
        used_resources: resources,
      }));
      page++;
      response.end(JSON.stringify(rows));
    });
    const error = await failure(client(url).listNodes({}));
    expect([error.code, page]).toEqual(["TFG_DIRECTORY_REFUSED", 250]);
  });
});
