import { formatTft } from "../../core/units";
import type { DataSource } from "../resource";

/** `threefold_account`: who deploys, and what the account can spend. */
export const account: DataSource = {
  typeName: "threefold_account",
  schema: {
    version: 0,
    description:
      "The account the provider acts for. Its balance changes with every block: do not feed it to resources.",
    attributes: {
      twin_id: { type: "number", computed: true, description: "Twin of the account." },
      address: { type: "string", computed: true, description: "SS58 address: where TFT is sent." },
      network: { type: "string", computed: true, description: "Network in use." },
      usable_balance: {
        type: "string",
        computed: true,
        description: "What the account can spend, in units of 1e-7 TFT, as text.",
      },
      usable_tft: { type: "string", computed: true, description: "The same for people: `12.5 TFT`." },
    },
  },
  read: async (config, context) => {
    const { twinId, address, network } = await context.session.account(context.signal);
    const { chain } = await context.session.engine(context);
    const { usable } = await chain.getBalance(context.signal);
    return {
      ...config,
      twin_id: twinId,
      address,
      network,
      usable_balance: usable.toString(),
      usable_tft: formatTft(usable),
    };
  },
};
