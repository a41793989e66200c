/** Another program that uses the account of a lab, as a wallet does. */
import { silentLog } from "../../../lib/core/log";
import { Secret } from "../../../lib/core/secret";
import { ChainSession } from "../../../lib/grid/chain/chain-session";
import { signExtrinsic } from "../../../lib/grid/chain/queue/sign-extrinsic";
import { createKeyPair, type KeyPair } from "../../../lib/model/key-pair";
import { Dice } from "../plan-truth/dice";
import type { Lab } from "./lab";

/** Where it takes a nonce from: past all that waits in the pool, or, as the official Go client, past what is in blocks. */
export const HABITS = ["pool", "block"] as const;

/** One of them. */
export type Habit = (typeof HABITS)[number];

/** Who gets them. */
const SOMEBODY = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/** Longest pause between two transfers. */
const MAX_PAUSE_MS = 9_000;

/** Sends transfers, knows nothing of what else is sent, and waits for nothing. */
export class ForeignClient {
  /** Transfers that the endpoint took. */
  taken = 0;
  /** Transfers that it refused, for a nonce that something else had. */
  refused = 0;
  readonly #dice = new Dice(7);
  #isDone = false;

  private constructor(
    private readonly lab: Lab,
    private readonly session: ChainSession,
    private readonly account: KeyPair,
    private readonly habit: Habit,
  ) {}

  /** Connects to the chain of a lab. */
  static async open(lab: Lab, habit: Habit): Promise<ForeignClient> {
    const { clock } = lab.world;
    const ms = { connect: 15_000, request: 10_000 };
    const session = await ChainSession.open({ url: lab.grid.describe().chain, clock, log: silentLog, ms });
    return new ForeignClient(lab, session, await createKeyPair(new Secret(lab.seed), "ed25519"), habit);
  }

  /** Of the account that it shares. */
  get address(): string {
    return this.account.address;
  }

  /** Sends transfers all the time, until the work is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const sending = this.#keepSending();
    try {
      return await work();
    } finally {
      this.#isDone = true;
      await sending;
      await this.session.close();
    }
  }

  /** Waits until anything of anybody waits for a block, does something, and leaves. */
  async onceOneWaits(act: () => void): Promise<void> {
    while (((await this.session.rpc("author_pendingExtrinsics")) as unknown[]).length === 0) {
      await this.lab.world.clock.sleep(100);
    }
    act();
    await this.session.close();
  }

  async #keepSending(): Promise<void> {
    while (!this.#isDone) {
      await this.#transfer();
      await this.lab.world.clock.sleep(this.#dice.below(MAX_PAUSE_MS));
    }
  }

  async #transfer(): Promise<void> {
    const { codecs } = this.session;
    const hash = String(await this.session.rpc("chain_getFinalizedHead"));
    const header = (await this.session.rpc("chain_getHeader", hash)) as { number: string };
    const number = Number(header.number);
    const call = codecs.tx.balances?.transferKeepAlive?.(SOMEBODY, 10_000_000);
    if (call === undefined) throw new Error("this chain has no transfers");
    const facts = { nonce: await this.#nonce(), birth: { number, hash }, eraBlocks: 64, seenBlock: number, tip: 0n };
    const { hex } = signExtrinsic(this.session, this.account, call, facts);
    await this.session.rpc("author_submitExtrinsic", hex).then(
      () => this.taken++,
      () => this.refused++,
    );
  }

  async #nonce(): Promise<number> {
    const { address, publicKey } = this.account;
    if (this.habit === "pool") return Number(await this.session.rpc("system_accountNextIndex", address));
    const [account] = await this.session.read([["system", "account", publicKey]]);
    return Number((account as { nonce: number }).nonce);
  }
}
