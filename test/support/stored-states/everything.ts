import {
  dedicatedNode,
  deployment,
  gatewayFqdn,
  gatewayName,
  joined,
  machine,
  mesh,
  PROJECT,
  stack,
  zdb,
} from "../grid-stack";

const backend = (name: string) => ({
  address: "[300:e9c4::1]:9900",
  namespace: `1-1-${name}`,
  password: `derive:zdb-password/${name}/1`,
});

const files = {
  mount_point: "/qsfs",
  key: "derive:qsfs-key/files/1",
  minimal_shards: 1,
  expected_shards: 2,
  metadata: ["meta0", "meta1", "meta2", "meta3"].map(backend),
  groups: [{ backends: ["data0", "data1"].map(backend) }],
};

const proposed = {
  ...{ node_id: 5, twin_id: 105, farm_id: 1, farm_name: "Freefarm", country: "Belgium", city: "Ghent" },
  ...{ region: "Europe", certified: true, public_ipv4: "", public_ipv6: "", domain: "", features: ["zmachine"] },
  ...{ total_cpu: 8, total_memory_mib: 16_384, total_ssd_gib: 500, total_hdd_gib: 0, farm_has_ipv4: true },
};

/** Every resource, with something in as many of its attributes as can be at once. */
export const EVERYTHING = stack(PROJECT, {
  threefold_placement: {
    chosen: { requests: { a: { cpu: 1, country: "Belgium" } }, proposals: { a: proposed }, findings: {}, down: [] },
  },
  threefold_dedicated_node: { own: dedicatedNode(12) },
  threefold_deployment: { raw: deployment(2, [{ name: "store", type: "volume", data: { size: 2 ** 30 } }]) },
  threefold_zdb: { db: zdb(4, { mode: "seq", public: true, password_version: 2 }) },
  threefold_gateway_name: { shop: gatewayName(1) },
  threefold_gateway_fqdn: { www: gatewayFqdn(2, { tls_passthrough: true, backends: ["185.206.122.100:443"] }) },
  threefold_network: {
    mesh: mesh(
      { api: 4, far: 5 },
      { nodes: [2], access: ["laptop"], access_nodes: { laptop: 4 }, reserved: { other: "200-219" } },
    ),
  },
  threefold_virtual_machine: {
    api: machine(4, {
      name: "api",
      network: joined("api"),
      disks: [{ size_gib: 1, mount_point: "/data" }],
      volumes: [{ size_gib: 1, mount_point: "/shared" }],
      env: { MODE: "plain" },
      secret_env: { PASSWORD: "derive:zdb-password/db/2" },
      ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host"],
      quantum_storage: [files],
      planetary: true,
      mycelium: true,
    }),
    pub: machine(4, { name: "pub", public_ipv4: true, public_ipv6: true, logs: ["redis://10.20.2.9:6379"] }),
    light: machine(7, { name: "light", light: true }),
  },
});
