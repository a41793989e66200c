import "../support/setup";
import { Testing } from "cdktf";
import {
  Gateway,
  type GatewayProps,
  GridStack,
  gatewayFqdn,
  gatewayName,
  Image,
  NetworkMesh,
  Placement,
  Size,
  VirtualMachine,
  type VirtualMachineProps,
} from "../../lib";
import { later, rendered } from "../support/tokens";

const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
const machineOf = (stack: GridStack, props: Partial<VirtualMachineProps> = {}, id = "web") =>
  new VirtualMachine(stack, id, { cpu: 1, memory: Size.mib(512), image: Image.ubuntu(), ...props });
const FACT = (name: string) => `\${threefold_placement.placement.nodes.www.${name}}`;

describe("Gateway", () => {
  it("synthesises exactly what was asked for: a reserved name on a gateway node, whose domain the plan knows", () => {
    const stack = gridStack();
    new Gateway(stack, "www", { name: "shop", backend: "http://185.206.122.100:8080" });
    const { resource } = JSON.parse(Testing.synth(stack));
    expect(resource.threefold_gateway_name).toEqual({
      www: {
        project: expect.anything(),
        name: "shop",
        identity: "www",
        node_id: FACT("node_id"),
        domain: FACT("domain"),
        backends: ["http://185.206.122.100:8080"],
      },
    });
    expect(resource.threefold_placement.placement.requests).toEqual({
      www: { gateway: true, features: ["gateway-name-proxy"] },
    });
  });

  it("serves a domain of one's own, and says where its DNS has to point", () => {
    const stack = gridStack();
    const gateway = new Gateway(stack, "www", {
      domain: "www.example.org",
      backends: ["185.206.122.100:443", "[2a10:b600:1::99]:443"],
      tlsPassthrough: true,
      placement: Placement.where({ country: "Belgium" }),
      identity: "shop/www",
    });
    expect(Testing.synth(stack)).toHaveResourceWithProperties(gatewayFqdn.GatewayFqdn, {
      name: "www",
      identity: "shop/www",
      fqdn: "www.example.org",
      dns_target: '${element(split("/", threefold_placement.placement.nodes["shop/www"].public_ipv4), 0)}',
      backends: ["185.206.122.100:443", "[2a10:b600:1::99]:443"],
      tls_passthrough: true,
    });
    expect(rendered(stack, [gateway.dnsTarget, gateway.url])).toEqual([
      "${threefold_gateway_fqdn.www.dns_target}",
      "https://${threefold_gateway_fqdn.www.fqdn}",
    ]);
    const { resource } = JSON.parse(Testing.synth(stack));
    const [{ condition, error_message }] = resource.threefold_gateway_fqdn.www.lifecycle.precondition;
    expect(condition).toContain('endswith("www.example.org", threefold_placement.placement.nodes["shop/www"].domain)');
    expect(error_message).toContain("www.example.org is under the domain of its own gateway node");
  });

  it("reaches a machine of a mesh by its private address, and takes its node into the mesh", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh");
    const web = machineOf(stack, { mesh, placement: Placement.where({ publicAccess: false }) });
    new Gateway(stack, "www", { name: "shop", backend: web.http(8080) });
    const text = Testing.synth(stack);
    expect(text).toHaveResourceWithProperties(gatewayName.GatewayName, {
      backends: ["http://${threefold_virtual_machine.web.ip}:8080"],
      network: "${threefold_network.mesh.network_name}",
    });
    const { resource } = JSON.parse(text);
    expect(resource.threefold_network.mesh.nodes).toEqual([FACT("node_id")]);
    expect(resource.threefold_placement.placement.requests.www).toEqual({
      gateway: true,
      features: ["gateway-name-proxy", "network"],
    });
    // The gateway's node is the one that the hidden machine's node dials.
    expect(Object.keys(resource.threefold_placement.placement.requests)).toEqual(["web", "www"]);
  });

  it.each<[string, Partial<VirtualMachineProps>, string]>([
    [
      "its public IPv4 first",
      { publicIpv4: true, mycelium: true },
      "http://${threefold_virtual_machine.web.public_ipv4_address}:80",
    ],
    ["then its mycelium address", { mycelium: true }, "http://[${threefold_virtual_machine.web.mycelium_ip}]:80"],
    ["then its address in the mesh", {}, "http://${threefold_virtual_machine.web.ip}:80"],
  ])("reaches a machine by %s", (_, props, expected) => {
    const stack = gridStack();
    const web = machineOf(stack, { mesh: new NetworkMesh(stack, "mesh"), ...props });
    expect(rendered(stack, web.http(80).text)).toBe(expected);
  });

  it("reaches a machine by the way that was chosen", () => {
    const stack = gridStack();
    const web = machineOf(stack, { mesh: new NetworkMesh(stack, "mesh"), publicIpv4: true, mycelium: true });
    expect(rendered(stack, web.tcp(443, { over: "mycelium" }).text)).toBe(
      "[${threefold_virtual_machine.web.mycelium_ip}]:443",
    );
    expect(rendered(stack, web.http(80, { over: "mesh" }).text)).toBe("http://${threefold_virtual_machine.web.ip}:80");
  });

  it("leaves facts of a node that only Terraform knows to the provider", () => {
    const stack = gridStack();
    const placement = Placement.node(later("node"));
    new Gateway(stack, "www", { domain: "www.example.org", backend: "http://185.206.122.100", placement });
    const { resource } = JSON.parse(Testing.synth(stack));
    expect(resource.threefold_gateway_fqdn.www).not.toHaveProperty("domain");
    expect(resource.threefold_gateway_fqdn.www).not.toHaveProperty("dns_target");
    expect(resource.threefold_gateway_fqdn.www).not.toHaveProperty("lifecycle");
  });

  const backend = "http://185.206.122.100";
  it.each<[string, GatewayProps, RegExp]>([
    ["a name with a capital", { name: "Shop", backend }, /name cannot be "Shop"[\s\S]*small letters/],
    ["a name that is too short", { name: "ab", backend }, /name cannot be "ab"[\s\S]*3 to 63/],
    ["a name that is too long", { name: "a".repeat(64), backend }, /name cannot be[\s\S]*3 to 63/],
    ["neither a name nor a domain", { backend }, /name is not allowed[\s\S]*either name/],
    ["both a name and a domain", { name: "shop", domain: "www.example.org", backend }, /either name/],
    ["a domain that is none", { domain: "example", backend }, /domain cannot be "example"[\s\S]*www\.example\.org/],
    ["no backend", { name: "shop", backends: [] }, /at least one backend/],
    ["an https backend", { name: "shop", backend: "https://185.206.122.100" }, /backend cannot be[\s\S]*plain http/],
    ["a host name", { name: "shop", backends: [backend, "http://web"] }, /backends\[1\] cannot be[\s\S]*no host name/],
    ["a loopback backend", { name: "shop", backend: "http://127.0.0.1" }, /can reach/],
    ["passthrough to http", { name: "shop", backend, tlsPassthrough: true }, /backend cannot be[\s\S]*ip:port/],
    ["a bare backend without passthrough", { name: "shop", backend: "185.206.122.100:443" }, /http:\/\/ip/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => new Gateway(gridStack(), "www", props)).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ["backend", { name: "shop", backend: {} }, /backend is an object[\s\S]*a Backend, or an address as text/],
    ["list of backends", { name: "shop", backends: backend }, /backends is a text[\s\S]*a list/],
    ["backend in a list", { name: "shop", backends: [backend, 80] }, /backends\[1\] cannot be 80/],
    ["placement", { name: "shop", backend, placement: {} }, /placement is an object[\s\S]*a Placement/],
  ])("refuses what is no %s", (_title, props, message) => {
    expect(() => new Gateway(gridStack(), "www", props)).toThrow(message);
  });

  it("refuses a machine's backend of the other protocol", () => {
    const stack = gridStack();
    const web = machineOf(stack, { publicIpv4: true });
    expect(() => new Gateway(stack, "a", { name: "shop", backend: web.tcp(443) })).toThrow(/made by http\(\)/);
    expect(() => new Gateway(stack, "b", { name: "shop", backend: web.http(80), tlsPassthrough: true })).toThrow(
      /made by tcp\(\)/,
    );
  });

  it("refuses backends inside and outside of a mesh at once, and a mesh of another stack", () => {
    const stack = gridStack();
    const web = machineOf(stack, { mesh: new NetworkMesh(stack, "mesh") });
    expect(() => new Gateway(stack, "www", { name: "shop", backends: [web.http(80), backend] })).toThrow(
      /all in one mesh, or all outside/,
    );
    expect(() => new Gateway(gridStack(), "www", { name: "shop", backend: web.http(80) })).toThrow(
      /cannot join a mesh of another stack/,
    );
  });

  it("refuses a machine that nobody can reach, or not by the way asked for, and a port that is none", () => {
    const stack = gridStack();
    expect(() => machineOf(stack).http(80)).toThrow(/No gateway can reach VirtualMachine "shop\/web"/);
    const open = machineOf(stack, { mycelium: true }, "open");
    expect(() => open.http(80, { over: "public" })).toThrow(/over public[\s\S]*reached over {2}mycelium/);
    expect(() => open.http(0)).toThrow(/port cannot be 0[\s\S]*1 to 65535/);
  });

  it("is imported by the number of its contract", () => {
    const stack = gridStack();
    new Gateway(stack, "www", { name: "shop", backend }).importFrom("18");
    expect(JSON.parse(Testing.synth(stack)).import).toEqual([{ id: "18", to: "threefold_gateway_name.www" }]);
  });
});
