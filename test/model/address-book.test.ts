import { type AddressBook, allocateAddresses } from "../../lib/model/mesh";

const EMPTY: AddressBook = { subnets: new Map(), hosts: new Map(), accessSubnets: new Map() };
const needs = (hosts: Record<string, number>, nodeIds: number[] = [], access: string[] = []) => ({
  ipRange: "10.20.0.0/16",
  hosts: new Map(Object.entries(hosts)),
  nodeIds: [...Object.values(hosts), ...nodeIds],
  access,
  reserved: [],
});
const ips = (book: AddressBook) => Object.fromEntries([...book.hosts].map(([name, { ip }]) => [name, ip]));

describe("the address book of a mesh", () => {
  test("gives the lowest free subnets by node and addresses by name", () => {
    const book = allocateAddresses(needs({ web: 14, api: 14, db: 11 }, [], ["laptop"]), EMPTY);
    expect(Object.fromEntries(book.subnets)).toEqual({ 11: "10.20.2.0/24", 14: "10.20.3.0/24" });
    expect(ips(book)).toEqual({ api: "10.20.3.2", web: "10.20.3.3", db: "10.20.2.2" });
    expect(book.accessSubnets.get("laptop")).toBe("10.20.4.0/24");
  });

  test("moves nobody when nodes, hosts and access points are added", () => {
    const before = allocateAddresses(needs({ web: 14 }, [], ["laptop"]), EMPTY);
    const after = allocateAddresses(needs({ web: 14, api: 14, new: 2 }, [1], ["laptop", "desk"]), before);
    expect(after.hosts.get("web")).toEqual(before.hosts.get("web"));
    expect(after.subnets.get(14)).toBe(before.subnets.get(14));
    expect(after.accessSubnets.get("laptop")).toBe(before.accessSubnets.get("laptop"));
    const all = [...after.subnets.values(), ...after.accessSubnets.values()];
    expect(new Set(all).size).toBe(all.length);
  });

  test("does not give out in the same change what it frees", () => {
    const before = allocateAddresses(needs({ a: 1, b: 2 }), EMPTY);
    const after = allocateAddresses(needs({ c: 1, d: 3 }), before);
    expect(after.hosts.get("c")?.ip).not.toBe(before.hosts.get("a")?.ip);
    expect([...before.subnets.values()]).not.toContain(after.subnets.get(3));
  });

  test("gives a host that moved to another node an address there", () => {
    const before = allocateAddresses(needs({ a: 1 }, [2]), EMPTY);
    const after = allocateAddresses(needs({ a: 2 }, [1]), before);
    expect(after.hosts.get("a")?.ip).toMatch(/^10\.20\.3\./);
  });
});
