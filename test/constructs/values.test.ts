import { resolve } from "node:path";
import { Testing } from "cdktf";
import { GridStack, Image, Placement, Secret, Size } from "../../lib";
import { later, rendered } from "../support/tokens";

describe("Size", () => {
  it("counts in binary units", () => {
    expect(Size.gib(1.5).toMib()).toBe(1536);
    expect(Size.tib(2).toGib()).toBe(2048);
    expect(Size.mib(512).toGib()).toBe(0.5);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %p", (amount) => {
    expect(() => Size.gib(amount)).toThrow(/a number above 0/);
  });

  it("leaves arithmetic on numbers that only Terraform knows to Terraform", () => {
    const stack = new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
    const amount = later("size");
    expect(rendered(stack, Size.gib(amount).toGib())).toBe("${var.size}");
    expect(rendered(stack, Size.tib(amount).toMib())).toBe("${(var.size * 1048576)}");
  });
});

describe("Image", () => {
  it("brings the command its flist needs", () => {
    expect(Image.ubuntu("24.04")).toMatchObject({
      flist: "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist",
      entrypoint: "/sbin/zinit init",
      bootsFromDisk: false,
    });
    expect(Image.official("alpine-3").entrypoint).toBe("/entrypoint.sh");
  });

  it("knows which images boot from a disk, and which need a bigger root filesystem", () => {
    expect(Image.official("ubuntu-22.04-full").bootsFromDisk).toBe(true);
    expect(Image.official("ubuntu-24.04-full").rootSize?.toGib()).toBe(25);
  });

  it.each(["hub.grid.tf/a.flist", "https://hub.grid.tf/a.img", "https://hub.grid.tf/a.flist?x=1", "ftp://hub/a.flist"])(
    "refuses %s",
    (url) => {
      expect(() => Image.flist(url)).toThrow(/an http:\/\/ or https:\/\/ address that ends with \.flist/);
    },
  );
});

describe("Image.official", () => {
  it("names what there is for a name there is not", () => {
    const name = "ubuntu-26.04" as "ubuntu-24.04";
    expect(() => Image.official(name)).toThrow(
      /"ubuntu-26\.04"[\s\S]*ubuntu-24\.04, ubuntu-22\.04[\s\S]*Fix: write ubuntu-2/,
    );
    expect(() => Image.official(undefined as never)).toThrow(/Image\.flist\(url\)/);
  });
});

describe("Secret", () => {
  it("is a reference and nothing else", () => {
    expect(Secret.fromEnv("API_KEY").reference).toBe("env:API_KEY");
    expect(Secret.fromFile("/run/secrets/key").reference).toBe("file:/run/secrets/key");
    expect(Secret.fromFile("key").reference).toBe(`file:${resolve("key")}`);
  });

  it.each<[string, (secret: Secret) => string]>([
    ["text", (secret) => `${secret}`],
    ["JSON", (secret) => JSON.stringify({ auth: [secret] })],
  ])("cannot become %s by mistake", (_form, write) => {
    expect(() => write(Secret.fromEnv("API_KEY"))).toThrow(
      expect.objectContaining({ code: "TFG_SECRET_AS_TEXT", remedy: "pass the Secret itself, in secretEnv." }),
    );
  });

  it("does not repeat what was given in place of a variable's name", () => {
    expect(() => Secret.fromEnv("hunter2!")).toThrow(/takes the name of an environment variable/);
    expect(() => Secret.fromEnv("hunter2!")).not.toThrow(/hunter2/);
  });
});

describe("Placement", () => {
  it("joins what two ask for", () => {
    const both = Placement.where({ country: "Belgium", exclude: [1], features: ["zdb"] })
      .and(Placement.where({ certified: true, exclude: [2] }))
      .and(Placement.spread("replicas"));
    expect(both.rules).toEqual({
      country: "Belgium",
      certified: true,
      exclude: [1, 2],
      features: ["zdb"],
      spread: "replicas",
    });
  });

  it("changes neither of them", () => {
    const first = Placement.where({ country: "Belgium" });
    first.and(Placement.spread("a"));
    expect(first.rules).toEqual({ country: "Belgium" });
  });

  it.each<[string, object, RegExp]>([
    ["a misspelt rule", { contry: "Belgium" }, /has no rule "contry"[\s\S]*country, city[\s\S]*Fix: write country\./],
    ["a rule of another thing", { cores: 4 }, /has no rule "cores"[\s\S]*use one of these rules/],
    ["a number as text", { farmId: "1" }, /Placement\.where\.farmId cannot be "1"[\s\S]*a number/],
    [
      "another policy for nodes that are down",
      { onNodeDown: "move" },
      /onNodeDown cannot be "move"[\s\S]*keep or replace/,
    ],
    ["one feature without a list", { features: "zdb" }, /features is a text[\s\S]*a list/],
  ])("refuses %s", (_title, rules, message) => {
    expect(() => Placement.where(rules)).toThrow(message);
  });

  it("lets rules be undefined, as nobody's wish", () => {
    expect(() => Placement.where({ country: undefined, farmId: later("farm") })).not.toThrow();
  });

  it.each([0, 1.5, -3, Number.NaN, "14", undefined])("refuses %p for a node", (nodeId) => {
    expect(() => Placement.node(nodeId as number)).toThrow(/Placement\.node (cannot be|is undefined)/);
  });

  it("refuses two values for one rule", () => {
    expect(() => Placement.node(14).and(Placement.node(15))).toThrow(/two values for nodeId[\s\S]*14[\s\S]*15/);
  });

  it("refuses to go elsewhere from a node it names", () => {
    const movable = Placement.where({ onNodeDown: "replace" });
    expect(() => Placement.node(14).and(movable)).toThrow(
      /leaves no other to go to[\s\S]*14[\s\S]*leave onNodeDown out/,
    );
    expect(() => movable.and(Placement.node(later("node")))).toThrow(/known later/);
    expect(() => Placement.node(14).and(Placement.where({ onNodeDown: "keep" }))).not.toThrow();
  });
});
