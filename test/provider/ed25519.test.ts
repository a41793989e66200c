/** One mnemonic is two accounts: the life of a zdb under the ed25519 one, from the extrinsic to the node's signature check. */
import { Secret } from "../../lib/core/secret";
import { createKeyPair } from "../../lib/model/key-pair";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { PROJECT, stack, zdb } from "../support/grid-stack";

const NODE = 1;
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
  project.provider.key_type = "ed25519";
});
afterAll(() => project?.close());

const store = (sizeGib: number) => stack(PROJECT, { threefold_zdb: { db: zdb(NODE, { size_gib: sizeGib }) } });

const contractId = async () => Number((await project.terraform.attributes("threefold_zdb.db"))?.contract_id);

/** The twin of the account with that scheme. */
async function twinOf(keyType: "sr25519" | "ed25519"): Promise<number | undefined> {
  const { publicKey } = await createKeyPair(new Secret(project.grid.describe().mnemonic), keyType);
  return project.grid.chain.listTwins().find(({ accountId }) => Buffer.from(accountId).equals(publicKey))?.twinId;
}

const deployment = async () => {
  const id = await contractId();
  return project.grid.nodes
    .get(NODE)
    ?.snapshot()
    .deployments.find((record) => record.contractId === id);
};

test("is created, changed in place and destroyed by an ed25519 account, which alone may touch it", async () => {
  const twinId = await twinOf("ed25519");
  expect(twinId).toBeGreaterThan(0);
  expect(twinId).not.toBe(await twinOf("sr25519"));

  project.write(store(5));
  await project.terraform.apply();
  const id = await contractId();
  expect(project.grid.chain.getContract(id)).toMatchObject({ kind: "node", nodeId: NODE, twinId });
  expect(await deployment()).toMatchObject({ twinId });
  expect((await project.terraform.plan()).changes).toEqual([]);

  project.write(store(8));
  await project.terraform.apply();
  expect(await contractId()).toBe(id);
  expect(await project.terraform.attributes("threefold_zdb.db")).toMatchObject({ status: "ok", size_gib: 8 });
  expect(project.grid.stats().relay.requests).toMatchObject({ "zos.deployment.deploy": 1, "zos.deployment.update": 1 });

  project.provider.key_type = "sr25519";
  project.write(store(8));
  const { diagnostics } = await project.terraform.fail("plan");
  expect(JSON.stringify(diagnostics)).toContain(`This state belongs to twin ${twinId}`);

  project.provider.key_type = "ed25519";
  project.write(store(8));
  await project.terraform.destroy();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});
