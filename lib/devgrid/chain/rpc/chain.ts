import type { Block } from "../block/blocks";
import type { RpcContext, RpcHandler, RpcMethods } from "./handler";
import { badParams, optionalBlockParam } from "./handler";

const subscribeNewHeads: RpcHandler = ({ chain, connection }) => subscribeHeads("chain_newHead", chain, connection);

const unsubscribe: RpcHandler = ({ connection }, [id]) => connection.close(id);

/** Blocks and their headers. */
export const chainMethods: RpcMethods = {
  chain_getBlock: ({ chain }, params) => {
    const block = optionalBlockParam(chain, params, 0);
    if (!block) return null;
    const extrinsics = block.extrinsics.map((bytes) => `0x${bytes.toString("hex")}`);
    return { block: { header: headerOf(block), extrinsics }, justifications: null };
  },
  chain_getBlockHash: (context, [asked]) =>
    Array.isArray(asked) ? asked.map((one) => hashOf(context, one)) : hashOf(context, asked),
  chain_getFinalizedHead: ({ chain }) => `0x${chain.finalized.hash}`,
  chain_getHeader: ({ chain }, params) => {
    const block = optionalBlockParam(chain, params, 0);
    return block ? headerOf(block) : null;
  },
  chain_subscribeAllHeads: ({ chain, connection }) => subscribeHeads("chain_allHead", chain, connection),
  chain_subscribeFinalizedHeads: ({ chain, connection }) =>
    connection.open("chain_finalizedHead", ({ send }) => {
      send(headerOf(chain.finalized));
      return chain.listen({ finalized: (block) => send(headerOf(block)) });
    }),
  chain_subscribeNewHead: subscribeNewHeads,
  chain_subscribeNewHeads: subscribeNewHeads,
  chain_unsubscribeAllHeads: unsubscribe,
  chain_unsubscribeFinalizedHeads: unsubscribe,
  chain_unsubscribeNewHead: unsubscribe,
  chain_unsubscribeNewHeads: unsubscribe,
};

/** A header as JSON. */
function headerOf({ header }: Block): object {
  return {
    parentHash: `0x${header.parentHash}`,
    number: `0x${header.number.toString(16)}`,
    stateRoot: `0x${header.stateRoot}`,
    extrinsicsRoot: `0x${header.extrinsicsRoot}`,
    digest: { logs: header.logs.map((log) => `0x${log}`) },
  };
}

function subscribeHeads(method: string, chain: RpcContext["chain"], connection: RpcContext["connection"]): string {
  return connection.open(method, ({ send }) => {
    send(headerOf(chain.head));
    return chain.listen({ head: (block) => send(headerOf(block)) });
  });
}

function hashOf({ chain }: RpcContext, asked: unknown): string | null {
  if (asked === undefined || asked === null) return `0x${chain.head.hash}`;
  const number = typeof asked === "string" && /^0x[0-9a-fA-F]{1,16}$/.test(asked) ? Number(asked) : asked;
  if (typeof number !== "number" || !Number.isInteger(number)) throw badParams("a block number is a number or hex");
  const block = chain.findByNumber(number);
  return block ? `0x${block.hash}` : null;
}
