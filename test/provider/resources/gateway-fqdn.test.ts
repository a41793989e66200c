import { parseWorkload } from "../../../lib/model/deployment";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import {
  type Block,
  gatewayFqdn,
  joined,
  machine,
  mesh,
  PROJECT,
  type Resources,
  stack,
} from "../../support/grid-stack";

const GATEWAY = "threefold_gateway_fqdn.www";
const DOMAIN = "www.example.org";
/** Public addresses of gateway nodes 1 and 2. */
const ADDRESSES = { 1: "185.206.122.31", 2: "185.206.122.32" };
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

const www = (nodeId: number, change: Block = {}, others: Resources = {}) =>
  stack(PROJECT, others, { threefold_gateway_fqdn: { www: gatewayFqdn(nodeId, change) } });

const state = async () => (await project.terraform.attributes(GATEWAY)) ?? {};

/** What a node serves under the domain; undefined when it serves nothing. */
function onNode(nodeId: number) {
  const records = project.grid.nodes.get(nodeId)?.snapshot().deployments ?? [];
  const current = records.flatMap(({ changes }) => changes).findLast(({ type }) => type === "gateway-fqdn-proxy");
  const workload = current && parseWorkload(current, current.name);
  return workload?.type === "gateway-fqdn-proxy" ? workload.data : undefined;
}

const point = (...addresses: string[]) => project.grid.control("dev.setDns", DOMAIN, addresses);

describe("the life of a gateway at a domain of one's own", () => {
  let first: Record<string, unknown>;

  test("waits for the domain: the plan says where it has to point, the apply refuses before anything is paid", async () => {
    project.write(www(1, { dns_target: ADDRESSES[1] }));
    const { diagnostics, changes } = await project.terraform.plan();
    const warned = diagnostics.map(({ severity, summary }) => [severity, summary]);
    expect(warned).toEqual([["warning", `${DOMAIN} does not point to node 1, so gateway www would not be served.`]]);
    expect(changes.find(({ address }) => address === GATEWAY)?.after?.dns_target).toBe(ADDRESSES[1]);
    await point("185.206.122.99");
    const refused = await project.terraform.fail("apply");
    const said = refused.diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
    for (const text of ["points to  185.206.122.99", `set its DNS record to ${ADDRESSES[1]}`, "TFG_DNS_TARGET"]) {
      expect(said).toContain(text);
    }
    expect(leftovers(project.grid)).toEqual(NOTHING);
    expect(project.grid.stats().chain.extrinsics).toBe(0);
  });

  test("is made once the domain points to the node, by either of its addresses", async () => {
    await point("2a10:b600:1::31");
    project.write(www(1));
    await project.terraform.apply();
    first = await state();
    expect(first).toMatchObject({ status: "ok", dns_target: ADDRESSES[1], domain: "gent01.devgrid.test" });
    expect(onNode(1)).toMatchObject({ fqdn: DOMAIN, backends: ["http://185.206.122.100:8080"] });
    expect(leftovers(project.grid).contracts).toEqual([Number(first.contract_id)]);
    expect((await project.terraform.plan()).changes).toEqual([]);
    const served = { nodeId: 1, domain: DOMAIN, backends: ["http://185.206.122.100:8080"] };
    await project.grid.control("dev.setCertificate", DOMAIN, "failed");
    expect(await project.grid.control("dev.listGateways")).toEqual([{ ...served, certificate: "failed" }]);
    // Nodes do not tell how far a certificate is: the gateway is well all the same.
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is imported by its contract, and the plan after it is empty", async () => {
    project.write(www(1, { domain: "gent01.devgrid.test", dns_target: ADDRESSES[1] }));
    await project.terraform.succeed("state", "rm", GATEWAY);
    await project.terraform.succeed("import", "-no-color", GATEWAY, String(first.contract_id));
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("reaches a machine of a mesh by its private address, once its node is a member, in place", async () => {
    const others: Resources = {
      threefold_network: { mesh: mesh({ web: 3 }, { nodes: [1] }) },
      threefold_virtual_machine: { web: machine(3, { network: joined("web") }) },
    };
    const backends = ["http://${threefold_virtual_machine.web.ip}:8080"];
    const network = "${threefold_network.mesh.network_name}";
    project.write(www(1, { backends, network }, others));
    await project.terraform.apply();
    expect(await state()).toMatchObject({ status: "ok", contract_id: first.contract_id });
    const joinedName = (await project.terraform.attributes("threefold_network.mesh"))?.network_name;
    expect(onNode(1)).toMatchObject({ backends: ["http://10.20.3.2:8080"], network: joinedName });
    expect((await project.terraform.plan()).changes).toEqual([]);
    project.write(www(1));
    await project.terraform.apply();
    expect(await state()).toMatchObject({ status: "ok", contract_id: first.contract_id, network: null });
    expect(leftovers(project.grid).contracts).toEqual([Number(first.contract_id)]);
  });

  test("takes another domain in place, and only one that points to the node", async () => {
    project.write(www(1, { fqdn: "shop.example.org" }));
    await project.terraform.fail("apply");
    expect(onNode(1)?.fqdn).toBe(DOMAIN);
    await project.grid.control("dev.setDns", "shop.example.org", [ADDRESSES[1]]);
    await project.terraform.apply();
    expect(await state()).toMatchObject({ status: "ok", contract_id: first.contract_id });
    expect(onNode(1)?.fqdn).toBe("shop.example.org");
  });

  test("moves to another node only when the domain points there", async () => {
    await point(ADDRESSES[1]);
    project.write(www(2));
    const said = (await project.terraform.fail("apply")).diagnostics.map(({ detail }) => detail).join("\n");
    expect(said).toContain(ADDRESSES[2]);
    expect(await state()).toMatchObject({ node_id: 1, contract_id: first.contract_id });
    await point(ADDRESSES[2]);
    await project.terraform.apply();
    const moved = await state();
    expect(moved).toMatchObject({ status: "ok", node_id: 2, dns_target: ADDRESSES[2] });
    expect(leftovers(project.grid)).toEqual({
      contracts: [Number(moved.contract_id)],
      deployments: [`2/${String(moved.contract_id)}`],
    });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is destroyed without asking DNS, and leaves nothing behind", async () => {
    await project.grid.control("dev.setDown", "dns");
    await project.terraform.destroy();
    await project.grid.control("dev.setDown", "dns", false);
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});

test("nothing is made while nobody can say where the domain points", async () => {
  await project.grid.control("dev.setDown", "dns");
  project.write(www(1));
  const { diagnostics } = await project.terraform.fail("apply");
  await project.grid.control("dev.setDown", "dns", false);
  expect(diagnostics.map(({ detail }) => detail).join("\n")).toContain("TFG_DNS_UNREACHABLE");
  expect(leftovers(project.grid)).toEqual(NOTHING);
});
