import type { Refusal } from "../core/bad-value";

/** What a machine may ask for that light nodes cannot give; each under the caller's own name for it. */
export type LightWish = "public_ipv4" | "public_ipv6" | "planetary" | "logs" | "quantum_storage" | "mycelium";

const NONE = "on a light node, which has";

/** @source zosbase light node: pkg/gridtypes/zos/zmachine_light.go and its list of features */
const LACKS: Readonly<Record<LightWish, Omit<Refusal, "given">>> = {
  public_ipv4: { what: `is asked for ${NONE} no public addresses`, allowed: "false on a light node" },
  public_ipv6: { what: `is asked for ${NONE} no public addresses`, allowed: "false on a light node" },
  planetary: { what: `is asked for ${NONE} no Yggdrasil`, allowed: "false on a light node" },
  logs: { what: `is asked for ${NONE} no log streams of machines`, allowed: "none on a light node" },
  quantum_storage: { what: `is asked for ${NONE} no file systems over many nodes`, allowed: "none on a light node" },
  mycelium: { what: `is off ${NONE} no other way in`, allowed: "true on a light node" },
};

/** Everything that a machine asks of a light node in vain. */
export function lightRefusals(
  wishes: Readonly<Record<LightWish, boolean>>,
): readonly (Refusal & { readonly name: LightWish })[] {
  const names = Object.keys(LACKS) as LightWish[];
  return names
    .filter((name) => wishes[name])
    .map((name) => {
      const remedy = name === "mycelium" ? "leave mycelium out." : "leave it out, or run the machine on a full node.";
      return { name, ...LACKS[name], remedy };
    });
}
