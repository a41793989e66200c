import { once } from "node:events";
import type { ApiPromise } from "@polkadot/api";
import type { Codec } from "@polkadot/types/types";
import WebSocket from "ws";
import { ConnectedChain, muteLibraryLog } from "./connected-chain";

interface Answer {
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: string };
  method?: string;
  params?: { subscription: string; result: unknown };
}

/** A client that sends what it is told to. */
class RawClient {
  readonly #messages: Answer[] = [];
  #wake: () => void = () => undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data) => {
      this.#messages.push(JSON.parse(String(data)));
      this.#wake();
    });
  }

  static async connect(url: string): Promise<RawClient> {
    const client = new RawClient(new WebSocket(url));
    await once(client.socket, "open");
    return client;
  }

  async say(text: string): Promise<Answer> {
    this.socket.send(text);
    return this.next();
  }

  call(method: string, ...params: unknown[]): Promise<Answer> {
    return this.say(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  }

  async next(): Promise<Answer> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift() as Answer;
  }
}

describe("the chain's JSON-RPC", () => {
  let grid: ConnectedChain;
  let client: RawClient;
  const printed: string[] = [];

  beforeAll(async () => {
    for (const level of ["log", "warn", "error", "info", "debug"] as const) {
      jest.spyOn(console, level).mockImplementation((...parts) => {
        printed.push(parts.join(" "));
      });
    }
    grid = await ConnectedChain.start();
    client = await RawClient.connect(grid.url);
  });

  afterAll(async () => {
    client.socket.close();
    await grid.close();
  });

  test("lets the unmodified library connect without a word of complaint", () => {
    expect(printed).toEqual([]);
    expect(grid.api.runtimeVersion.specName.toString()).toBe("substrate-threefold");
    expect(grid.api.runtimeVersion.specVersion.toNumber()).toBe(152);
    expect(grid.api.registry.chainTokens).toEqual(["TFT"]);
    expect(grid.api.registry.chainDecimals).toEqual([7]);
    muteLibraryLog();
  });

  test.each([
    ["{", -32700],
    ['"text"', -32600],
    ["[]", -32600],
    ['{"jsonrpc":"2.0","id":1}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"chain_getHeader","params":{}}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"constructor","params":[]}', -32601],
    ['{"jsonrpc":"2.0","id":1,"method":"chain_getHeader","params":["0xzz"]}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"state_queryStorageAt","params":["0x"]}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"state_getKeysPaged","params":["0x",100000]}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"state_call","params":["Core_version","0x"]}', -32601],
    ['{"jsonrpc":"2.0","id":1,"method":"system_accountNextIndex","params":["nobody"]}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"author_submitExtrinsic","params":["0x"]}', 1011],
    ['{"jsonrpc":"2.0","id":1,"method":"author_submitExtrinsic","params":["0x1404000000"]}', 1011],
  ])("answers %s with %i and stays open", async (text, code) => {
    expect((await client.say(text)).error?.code).toBe(code);
    expect((await client.call("system_health")).result).toEqual({ peers: 0, isSyncing: false, shouldHavePeers: false });
  });

  test("survives calls nested deeper than the runtime decodes", async () => {
    const levels = 100_000;
    const body = Buffer.concat([
      Buffer.of(0x04),
      Buffer.from("030004".repeat(levels), "hex"),
      Buffer.from("000000", "hex"),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length * 4 + 2);
    const answer = await client.call("author_submitExtrinsic", `0x${Buffer.concat([length, body]).toString("hex")}`);
    expect(answer.error?.code).toBe(1011);
  });

  test("drops a client whose message is too large", async () => {
    const greedy = await RawClient.connect(grid.url);
    greedy.socket.send("x".repeat(16 * 1024 * 1024));
    const [code] = await once(greedy.socket, "close");
    expect(code).toBe(1009);
  });

  test("answers several requests in one message", async () => {
    const batch = ["system_chain", "system_name"].map((method, id) => ({ jsonrpc: "2.0", id, method, params: [] }));
    expect(await client.say(JSON.stringify(batch))).toEqual([
      { jsonrpc: "2.0", id: 0, result: "ThreeFold Devgrid" },
      { jsonrpc: "2.0", id: 1, result: "tfchain" },
    ]);
  });

  test("names exactly the methods it serves", async () => {
    const { methods } = (await client.call("rpc_methods")).result as { methods: string[] };
    expect(methods).toEqual(expect.arrayContaining(["author_submitAndWatchExtrinsic", "state_queryStorageAt"]));
    for (const method of methods) {
      const answer = await client.call(method, ...(method === "state_call" ? ["Metadata_metadata_versions"] : []));
      expect(answer.error?.code).not.toBe(-32601);
      if (method.includes("_subscribe") && answer.error === undefined) {
        await client.next();
        const closer = method.replace("_subscribe", "_unsubscribe");
        expect((await client.call(closer, answer.result)).result).toBe(true);
      }
    }
  });

  test("gives the id of a subscription before its first notification, and ends it once", async () => {
    const opened = await client.call("chain_subscribeNewHeads");
    const first = await client.next();
    expect(first.method).toBe("chain_newHead");
    expect(first.params?.subscription).toBe(opened.result);
    expect((await client.call("chain_unsubscribeNewHeads", opened.result)).result).toBe(true);
    expect((await client.call("chain_unsubscribeNewHeads", opened.result)).result).toBe(false);
  });

  test("tells a storage subscriber what changed, and only that", async () => {
    const seen: number[] = [];
    const stop = await grid.item("tfgridModule.farmID")((id: Codec) => {
      seen.push(Number(id));
    });
    grid.chain.produceBlock();
    await grid.send(grid.call("tfgridModule.createFarm", "subscribed", []), grid.alice);
    (stop as unknown as () => void)();
    expect(seen).toEqual([2, 3]);
  });

  test("tells of heads, and of final blocks in order", async () => {
    const heads: number[] = [];
    const finals: number[] = [];
    const stops = [
      await grid.api.rpc.chain.subscribeNewHeads((header) => {
        heads.push(header.number.toNumber());
      }),
      await grid.api.rpc.chain.subscribeFinalizedHeads((header) => {
        finals.push(header.number.toNumber());
      }),
    ];
    grid.chain.produceBlock();
    grid.chain.produceBlock();
    await grid.send(grid.call("system.remark", "x"), grid.dev);
    for (const stop of stops) stop();
    const consecutive = (numbers: number[]) => numbers.map((_, index) => (numbers[0] ?? 0) + index);
    expect(heads.length).toBeGreaterThanOrEqual(4);
    expect(heads).toEqual(consecutive(heads));
    expect(finals).toEqual(consecutive(finals));
    expect(finals.at(-1)).toBe(heads.at(-1));
  });

  test("reads storage as it was after a block", async () => {
    const before = await grid.api.rpc.chain.getFinalizedHead();
    const account = grid.bob.address;
    const was = (await grid.account(account)).nonce;
    await grid.send(grid.call("tfgridModule.createFarm", "historic", []), grid.bob);
    const then = await grid.api.at(before);
    expect((await grid.item("system.account", then)(account)).toJSON()).toMatchObject({ nonce: was });
    const farmIds = async (api?: Pick<ApiPromise, "query">) =>
      (await grid.item("tfgridModule.farms", api).keys()).length;
    expect(await farmIds(then)).toBe((await farmIds()) - 1);
    expect((await grid.account(account)).nonce).toBe(was + 1);
  });

  test("pages the keys of a map in order", async () => {
    const twins = grid.item("tfgridModule.twins");
    const all = (await twins.keys()).map((key) => key.toHex());
    const pages: string[] = [];
    for (let startKey = ""; ; ) {
      const page = await twins.keysPaged({ args: [], pageSize: 3, ...(startKey && { startKey }) });
      pages.push(...page.map((key) => key.toHex()));
      if (page.length < 3) break;
      startKey = pages.at(-1) ?? "";
    }
    expect(pages).toEqual(all);
    expect(all).toEqual([...all].sort());
    expect(all).toHaveLength(grid.chain.listTwins().length);
  });

  test("knows blocks by number and hash, and says so when it does not", async () => {
    const hash = await grid.api.rpc.chain.getBlockHash(1);
    expect((await grid.api.rpc.chain.getHeader(hash)).number.toNumber()).toBe(1);
    expect((await client.call("chain_getBlockHash", 1_000_000)).result).toBeNull();
    expect((await client.call("chain_getHeader", `0x${"00".repeat(32)}`)).result).toBeNull();
    expect((await client.call("state_getStorage", "0x00", `0x${"00".repeat(32)}`)).error?.code).toBe(4003);
    expect(grid.api.genesisHash.toHex()).toBe(`0x${grid.chain.genesisHash}`);
  });
});
