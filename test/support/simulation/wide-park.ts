import { Secret } from "../../../lib/core/secret";
import { createDefaultPark, type Park } from "../../../lib/devgrid/node/default-park";
import { createKeyPair } from "../../../lib/model/key-pair";

/** As many public nodes of one farm as wanted, each like the first one of the default park. */
export async function widePark(count: number): Promise<Park> {
  const { farms, nodes } = await createDefaultPark("wide");
  const [first] = nodes;
  if (!first) throw new Error("the default park is empty");
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return {
    farms: farms.slice(0, 1),
    nodes: await Promise.all(
      numbers.map(async (number) => {
        const publicConfig = { ip4: `185.206.122.${number}/24`, gw4: "185.206.122.254", ip6: "", gw6: "", domain: "" };
        const keys = await createKeyPair(new Secret(number.toString(16).padStart(64, "0")), "ed25519");
        return {
          seed: { ...first.seed, keys, publicConfig },
          hardware: { ...first.hardware, publicConfig, interfaces: { zos: [`10.1.0.${number}`], ygg: [] } },
        };
      }),
    ),
  };
}
