import { systemClock } from "../../../lib/core/clock";
import { silentLog } from "../../../lib/core/log";
import type { DirectoryClient } from "../../../lib/grid/clients";
import { createDirectoryClient } from "../../../lib/grid/directory/directory-client";
import { type Endpoints, requireUrl } from "../endpoints";
import { Ground } from "../ground";
import type { NodeItem } from "./items";

/** Parameters of a question, in the directory's own names. */
export type Query = Readonly<Record<string, string | number | boolean>>;

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when it is no JSON. */
  readonly json: unknown;
}

/** Rows per page when everything is wanted. */
const PAGE = 500;

/** More nodes than this are not fetched again and again: some farms stand for all. */
const MANY_NODES = 500;
const SAMPLE_NODES = 60;

/** The directory under test; with a chain also accounts, a farm and two nodes on it. */
export class DirectoryGround {
  /** The client under test. */
  readonly client: DirectoryClient;
  /** Farms that stand for all in a directory of many. */
  #scope: Query = {};

  private constructor(
    private readonly url: string,
    private readonly entered: Ground | undefined,
  ) {
    this.client = createDirectoryClient({ urls: [url], clock: systemClock, log: silentLog });
  }

  /** Builds up what is needed on the chain, if there is one. */
  static async enter(endpoints: Endpoints): Promise<DirectoryGround> {
    const { chain, secret } = endpoints;
    const entered = chain === undefined ? undefined : await Ground.enter({ url: chain, secret });
    const ground = new DirectoryGround(requireUrl(endpoints, "directory"), entered);
    try {
      if (entered) await stage(entered);
      await ground.#chooseScope();
      return ground;
    } catch (error) {
      await entered?.leave();
      throw error;
    }
  }

  /** What stands on the chain; only for tests that run with one. */
  get chain(): Ground {
    if (!this.entered) throw new Error("this test needs a chain");
    return this.entered;
  }

  /** Takes down what was built up. */
  async leave(): Promise<void> {
    await this.entered?.leave();
  }

  /** One question. */
  async get(path: string, query: Query = {}): Promise<Answer> {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) asked.set(name, String(value));
    const response = await fetch(`${this.url}${path}${asked.size > 0 ? `?${asked}` : ""}`, {
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  /** The JSON of a question that must succeed. */
  async ask<T>(path: string, query: Query = {}): Promise<T> {
    const { status, text, json } = await this.get(path, query);
    if (status !== 200) throw new Error(`${path} ${JSON.stringify(query)}: ${status} ${text}`);
    return json as T;
  }

  /** Every row of a list, page by page. */
  async list<Row>(path: string, query: Query = {}): Promise<Row[]> {
    const rows: Row[] = [];
    for (let page = 1; ; page++) {
      const more = await this.ask<Row[]>(path, { ...query, page, size: PAGE });
      rows.push(...more);
      if (more.length < PAGE) return rows;
    }
  }

  /** How many rows a list has. */
  async count(path: string, query: Query = {}): Promise<number> {
    const { headers } = await this.get(path, { ...query, size: 1, ret_count: true });
    return Number(headers.get("count"));
  }

  /** Every node; in a directory of many, every node of some farms. */
  nodes(query: Query = {}): Promise<NodeItem[]> {
    return this.list("/nodes", { ...this.#scope, ...query });
  }

  async #chooseScope(): Promise<void> {
    const count = await this.count("/nodes");
    if (!(count > 0)) throw new Error("the directory lists no nodes, or does not say how many");
    if (count <= MANY_NODES) return;
    const sample = await this.ask<NodeItem[]>("/nodes", { status: "up", size: SAMPLE_NODES });
    const farms = new Set([...sample.map(({ farmId }) => farmId), ...(this.entered ? [this.entered.farmId] : [])]);
    this.#scope = { farm_ids: [...farms].join(",") };
  }
}

/** One of the nodes is asleep and rented, so that the filters about that have something to find. */
async function stage(ground: Ground): Promise<void> {
  const { raw, rival, nodeIds } = ground;
  await raw.sendOk(ground.pair("deployer"), raw.call("tfgridModule", "changePowerTarget", nodeIds[1], "Down"));
  await ground.make({ kind: "createRentContract", nodeId: nodeIds[1] }, rival);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some answers are plain text; the tests look at the text then.
    return undefined;
  }
}
