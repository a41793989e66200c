import "../support/setup";
import { resolve } from "node:path";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import { TerraformStack, TerraformVariable, Testing } from "cdktf";
import type { Construct } from "constructs";
import { GridStack, type GridStackProps, Placement, project, provider, Size, Zdb } from "../../lib";
import { PROVIDER_VERSION } from "../../lib/constructs/private/provider-version";

const app = () => Testing.app();
const gridStack = (props: Partial<GridStackProps> = {}, scope: Construct = app(), id = "shop") =>
  new GridStack(scope, id, { network: "devgrid", project: "shop", ...props });

describe("GridStack", () => {
  it("synthesises provider, project and nothing else when nothing is in it", () => {
    expect(JSON.parse(Testing.synth(gridStack()))).toEqual({
      terraform: {
        required_providers: {
          threefold: { source: "registry.terraform.io/cdktf-threefold/threefold", version: PROVIDER_VERSION },
        },
      },
      provider: { threefold: [{ network: "devgrid" }] },
      resource: { threefold_project: { project: { name: "shop" } } },
    });
  });

  it("hands everything it knows of the grid to the provider", () => {
    const stack = gridStack({
      network: "test",
      keyType: "ed25519",
      mnemonicFile: "/run/secrets/mnemonic",
      endpoints: {
        chain: ["wss://chain.example"],
        relay: ["wss://relay.example"],
        directory: ["https://dir.example"],
        dns: ["127.0.0.1:5353"],
      },
      adopt: "shop.0123456789abcdef",
    });
    expect(Testing.synth(stack)).toHaveProviderWithProperties(provider.ThreefoldProvider, {
      network: "test",
      key_type: "ed25519",
      mnemonic_file: "/run/secrets/mnemonic",
      chain_urls: ["wss://chain.example"],
      relay_urls: ["wss://relay.example"],
      directory_urls: ["https://dir.example"],
      dns_servers: ["127.0.0.1:5353"],
    });
    expect(Testing.synth(stack)).toHaveResourceWithProperties(project.Project, { adopt: "shop.0123456789abcdef" });
  });

  it("refuses bad values together, each with what is allowed, and repeats no URL", () => {
    const bad = () =>
      gridStack({ network: "mainnet", project: "my shop", endpoints: { relay: ["https://user:pass@relay.example"] } });
    expect(bad).toThrow(/"shop" was given 3 values that cannot be used/);
    expect(bad).toThrow(/project cannot be "my shop"\. +allowed: 1 to 40 letters/);
    expect(bad).toThrow(/network cannot be "mainnet"\. +allowed: main, test, qa, dev, devgrid/);
    expect(bad).toThrow(/endpoints\.relay\[0\] is not allowed\. +allowed: ws:/);
    expect(bad).not.toThrow(/pass/);
  });

  it("looks for the account's file from where the program runs", () => {
    const text = Testing.synth(gridStack({ mnemonicFile: "secret.txt" }));
    expect(text).toHaveProviderWithProperties(provider.ThreefoldProvider, { mnemonic_file: resolve("secret.txt") });
  });

  it("refuses the secret itself in the place of its file, and does not repeat it", () => {
    const bad = () => gridStack({ mnemonicFile: `${"xylophone ".repeat(11)}walk` });
    expect(bad).toThrow(/mnemonicFile holds the account's secret[\s\S]*GridStack "shop"[\s\S]*THREEFOLD_MNEMONIC/);
    expect(bad).not.toThrow(/xylophone/);
  });

  it.each<[string, object, RegExp]>([
    ["a project from a variable that is not set", { project: undefined }, /project is undefined[\s\S]*variable set\?/],
    ["a network from a variable that is not set", { network: undefined }, /network is undefined[\s\S]*variable set\?/],
    ["one URL without a list", { endpoints: { chain: "wss://chain.example" } }, /endpoints\.chain is a text/],
    ["an unknown key type", { keyType: "ecdsa" }, /keyType cannot be "ecdsa"[\s\S]*sr25519 or ed25519/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => gridStack(props)).toThrow(message);
  });

  it("refuses a DNS server that would have to be looked up itself", () => {
    expect(() => gridStack({ network: "test", project: "shop", endpoints: { dns: ["dns.example.org"] } })).toThrow(
      /endpoints\.dns\[0\] cannot be "dns\.example\.org"\.[\s\S]*ip:port/,
    );
  });

  it("lets values pass that only Terraform knows", () => {
    const variable = new TerraformVariable(new TerraformStack(app(), "outer"), "network", { type: "string" });
    expect(() => gridStack({ network: variable.stringValue, project: variable.stringValue })).not.toThrow();
  });

  it("asks for one choice of nodes however much is in it, in the order of names", () => {
    const stack = gridStack();
    for (const id of ["b", "c", "a"]) new Zdb(stack, id, { size: Size.gib(1) });
    const { data, resource } = JSON.parse(Testing.synth(stack));
    expect(Object.keys(data.threefold_candidates)).toEqual(["candidates"]);
    expect(Object.keys(resource.threefold_placement)).toEqual(["placement"]);
    expect(Object.keys(data.threefold_candidates.candidates.requests)).toEqual(["a", "b", "c"]);
    expect(resource.threefold_placement.placement).toMatchObject({
      requests: data.threefold_candidates.candidates.requests,
      proposals: "${data.threefold_candidates.candidates.proposals}",
      findings: "${data.threefold_candidates.candidates.findings}",
      lifecycle: { postcondition: [{ condition: "${length(self.unplaced) == 0}" }] },
    });
  });

  it("lets the choice of nodes know which are down when anything leaves them, and not otherwise", () => {
    const placementOf = (...policies: ("keep" | "replace" | undefined)[]) => {
      const stack = gridStack();
      policies.forEach((onNodeDown, index) => {
        new Zdb(stack, `db${index}`, { size: Size.gib(1), placement: Placement.where({ onNodeDown }) });
      });
      return JSON.parse(Testing.synth(stack)).resource.threefold_placement.placement;
    };
    expect(placementOf("keep", undefined)).not.toHaveProperty("down");
    expect(placementOf("keep", "replace", undefined)).toMatchObject({
      requests: { db0: { on_node_down: "keep" }, db1: { on_node_down: "replace" }, db2: expect.anything() },
      down: "${data.threefold_candidates.candidates.down}",
    });
  });

  it("lets the choice of nodes know the project, by its lineage where one is taken over", () => {
    const projectOf = (props: Partial<GridStackProps>) => {
      const stack = gridStack(props);
      new Zdb(stack, "db", { size: Size.gib(1) });
      return JSON.parse(Testing.synth(stack)).data.threefold_candidates.candidates.project;
    };
    expect(projectOf({})).toBe("shop");
    expect(projectOf({ adopt: "store.0123456789abcdef" })).toBe("store.0123456789abcdef");
  });

  it("says of every request without a node why, what stands and what to do, and has other words for a silent directory", () => {
    const stack = gridStack();
    new Zdb(stack, "db", { size: Size.gib(1) });
    const { lifecycle } = JSON.parse(Testing.synth(stack)).resource.threefold_placement.placement;
    expect(lifecycle.postcondition[0].error_message).toBe(
      "%{ if data.threefold_candidates.candidates.reachable }" +
        '${join("\\n", [for key in self.unplaced : format("No node fits %q: %s.", key, ' +
        'lookup(self.findings, key, "there is no proposal that it could take"))])}\n' +
        "Nothing was made for it.\nFix: ask for less, or for other places. [TFG_NO_CANDIDATE]" +
        "%{ else }" +
        'No node can be chosen for ${join(", ", [for key in self.unplaced : format("%q", key)])}: ' +
        "the directory of nodes gave no usable answer.\nNothing was made for it.\n" +
        "Fix: try again when the directory answers; the warning says what was asked. [TFG_DIRECTORY_UNREACHABLE]" +
        "%{ endif }",
    );
  });

  it("feeds no data source from a resource and makes none wait for one", () => {
    const stack = gridStack();
    new Zdb(stack, "db", { size: Size.gib(1) });
    const { data } = JSON.parse(Testing.synth(stack));
    expect(JSON.stringify(data)).not.toMatch(/\$\{threefold_|depends_on/);
  });

  it("lives beside other providers", () => {
    const stack = gridStack();
    new NullProvider(stack, "null");
    const db = new Zdb(stack, "db", { size: Size.gib(1) });
    new NullResource(stack, "mark", { triggers: { namespace: db.namespace } });
    const synthesised = JSON.parse(Testing.synth(stack));
    expect(Object.keys(synthesised.terraform.required_providers).sort()).toEqual(["null", "threefold"]);
    expect(synthesised.resource.null_resource.mark.triggers).toEqual({ namespace: "${threefold_zdb.db.namespace}" });
  });

  it("refuses a second stack with the same project on the same network", () => {
    const root = app();
    const first = gridStack({}, root, "one");
    gridStack({}, root, "two");
    expect(() => Testing.synth(first, true)).toThrow(/Two stacks own the project "shop" on devgrid: one and two/);
  });

  it("allows the same project on another network", () => {
    const root = app();
    const first = gridStack({ network: "test" }, root, "one");
    gridStack({ network: "main" }, root, "two");
    expect(() => Testing.synth(first, true)).not.toThrow();
  });

  it("is asked for by name when a construct is in another kind of stack", () => {
    const stack = new TerraformStack(app(), "plain");
    expect(() => new Zdb(stack, "db", { size: Size.gib(1) })).toThrow(/Zdb "plain\/db" is not inside a GridStack/);
  });

  it("gives nobody's construct id away: one may be called like its own", () => {
    const stack = gridStack();
    for (const id of ["project", "placement", "candidates", "provider", "threefold"]) {
      new Zdb(stack, id, { size: Size.gib(1) });
    }
    expect(Object.keys(JSON.parse(Testing.synth(stack)).resource.threefold_zdb)).toHaveLength(5);
  });

  it("names what it refuses by the class the user wrote", () => {
    class Web extends GridStack {
      constructor(scope: Construct) {
        super(scope, "web", { network: "devgrid", project: "no good" });
      }
    }
    expect(() => new Web(app())).toThrow(/Web "web"/);
  });
});
