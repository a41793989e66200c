import { GIB } from "../../../lib/core/units";
import { Relay } from "../../../lib/devgrid/relay/relay";
import { connectRelay, type RelayClient } from "../../../lib/grid/relay/relay-client";
import { accountOf, twinOf } from "../../support/message-bus";
import { NodeLab, zmount } from "./node-lab";

describe("a node on the message bus", () => {
  let lab: NodeLab;
  let relay: Relay;
  let client: RelayClient;

  beforeEach(async () => {
    lab = await NodeLab.create();
    const user = await accountOf(1, "sr25519");
    const twin = twinOf(9, user);
    lab.ledger.twins.splice(2, 1, twin, twinOf(101, lab.keys));
    relay = await Relay.start({ ledger: lab.ledger, clock: lab.clock });
    lab.node.connect(relay);
    client = connectRelay({ urls: [relay.url], account: user, twin, twins: async (id) => lab.ledger.getTwin(id) });
  });
  afterEach(async () => {
    lab.node.close();
    await client.close();
    await relay.close();
  });

  it("answers calls of a real client, in its own words when it refuses", async () => {
    await expect(client.call(101, "zos.system.version")).resolves.toMatchObject({ zinit: expect.any(String) });
    await expect(client.call(101, "zos.deployment.get", { contract_id: 5 })).rejects.toMatchObject({
      facts: { "node said": expect.stringContaining("deployment not found") },
    });
    const foreign = lab.deployment(1, [zmount("disk", GIB)]);
    await expect(client.call(101, "zos.deployment.deploy", foreign)).rejects.toThrow("twin id mismatch");
    expect(lab.node.counters.commands).toEqual({
      "zos.system.version": 1,
      "zos.deployment.get": 1,
      "zos.deployment.deploy": 1,
    });
  });

  it("is offline for the bus while it is cut off, and back afterwards", async () => {
    lab.node.setOnline(false);
    await expect(client.call(101, "zos.system.version")).rejects.toMatchObject({ code: "TFG_NODE_UNREACHABLE" });
    lab.node.setOnline(true);
    await expect(client.call(101, "zos.system.version")).resolves.toBeDefined();
  });
});
