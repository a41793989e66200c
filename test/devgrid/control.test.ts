import { Devgrid } from "../../lib/devgrid/devgrid";

let grid: Devgrid;

beforeAll(async () => {
  grid = await Devgrid.start();
});

afterAll(() => grid.close());

async function post(body: unknown): Promise<[number, unknown]> {
  const answer = await fetch(grid.describe().control, { method: "POST", body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
}

const control = async (method: string, ...params: unknown[]) => (await post({ method, params }))[1];
const nodeField = async (nodeId: number, name: string) =>
  ((await (await fetch(`${grid.describe().directory}/nodes/${nodeId}`)).json()) as Record<string, unknown>)[name];

test("GET lists every method with its parameters", async () => {
  const methods = (await (await fetch(grid.describe().control)).json()) as Record<string, string>;
  expect(Object.keys(methods)).toContain("dev.setNodeOffline");
  expect(Object.entries(methods).filter(([name, doc]) => !name.startsWith("dev.") || !doc.startsWith("["))).toEqual([]);
});

test("a node goes offline and comes back", async () => {
  expect(await control("dev.setNodeOffline", 2)).toEqual({ result: null });
  expect(await nodeField(2, "status")).toBe("down");
  await control("dev.setNodeOffline", 2, false);
  expect(await nodeField(2, "status")).toBe("up");
});

test("a node goes into standby, on the chain too", async () => {
  await control("dev.setNodePower", 3, "Down");
  expect(await nodeField(3, "status")).toBe("standby");
  expect(grid.chain.getNode(3)?.power).toEqual({ state: "Down", target: "Down" });
  await control("dev.setNodePower", 3, "Up");
  expect(await nodeField(3, "status")).toBe("up");
});

test("chain time moves ahead", async () => {
  const before = grid.chain.now();
  await control("dev.advanceTime", 3600);
  expect(grid.chain.now() - before).toBeGreaterThanOrEqual(3_600_000);
});

test("a balance is set", async () => {
  const [first] = grid.chain.listTwins();
  const account = Buffer.from(first?.accountId ?? []).toString("hex");
  expect(await control("dev.setBalance", account, 5_000_000)).toEqual({ result: null });
});

test("a service is cut off and put back", async () => {
  await control("dev.setDown", "graphql");
  await expect(fetch(grid.describe().graphql)).rejects.toThrow("fetch failed");
  await control("dev.setDown", "graphql", false);
  expect((await fetch(grid.describe().graphql)).status).toBe(405);
});

test("stats and description are the grid's own", async () => {
  expect(await control("dev.describe")).toEqual({ result: grid.describe() });
  expect(await control("dev.stats")).toMatchObject({ result: { chain: { extrinsics: 0 }, relay: { requests: {} } } });
});

describe("what is refused", () => {
  test.each<[unknown, RegExp]>([
    [{ method: "dev.fly" }, /^unknown method "dev.fly"; there are dev\./],
    [{ method: "toString" }, /^unknown method/],
    [{ method: 1 }, /^the body must be/],
    [[], /^the body must be/],
    [{ method: "dev.setNodeOffline" }, /^nodeId is missing; allowed: a whole number from 1$/],
    [{ method: "dev.setNodeOffline", params: [99] }, /^there is no node 99; nodes are 1 to 12$/],
    [{ method: "dev.setNodeOffline", params: [1, "yes"] }, /^isOffline is "yes"; allowed: true or false$/],
    [{ method: "dev.setNodePower", params: [1, "Sideways"] }, /^power is "Sideways"; allowed: "Up", "Down"$/],
    [{ method: "dev.advanceTime", params: [-1] }, /^seconds is -1; allowed: a number from 0$/],
    [{ method: "dev.setGrace", params: [77] }, /^there is no live contract 77$/],
    [{ method: "dev.failNode", params: [1, { message: "no" }] }, /^fault.workloadType \(or fault.command\) is missing/],
    [{ method: "dev.setDns", params: ["www.example.org"] }, /^addresses is missing; allowed: a list of texts$/],
    [{ method: "dev.setDns", params: ["www.example.org", ["gent01"]] }, /^"gent01" is no IP address$/],
    [{ method: "dev.setCertificate", params: ["www.example.org", "issued"] }, /^no node serves www\.example\.org$/],
    [{ method: "dev.failExtrinsics", params: ["burn"] }, /^fault is "burn"; allowed: "ban", /],
  ])("%j", async (body, message) => {
    const [status, answer] = await post(body);
    expect(status).toBe(400);
    expect((answer as { error: { message: string } }).error.message).toMatch(message);
  });
});
