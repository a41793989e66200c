/**
 * A world of discrete events: timers, and bytes on their way between sockets in memory, happen one at a time in an order
 * that depends on nothing but the program and a seed. Time stands still while anything is left to do and then jumps to
 * the next timer, so that hours of waiting cost nothing and a run repeats itself exactly.
 */
import crypto from "node:crypto";
import net from "node:net";
import type { Clock } from "../../../lib/core/clock";
import { Dice } from "../plan-truth/dice";
import { connectInMemory, fetchInMemory, ListeningServers } from "./memory-network";
import type { SimulatedProcess } from "./simulated-process";

/** Something that happens: to a process, or to the world when it has no owner. */
interface Happening {
  readonly owner: SimulatedProcess | undefined;
  readonly run: () => void;
}

interface Timer extends Happening {
  readonly at: number;
  readonly order: number;
  readonly repeatMs: number | undefined;
}

/** Real turns without any event after which whatever the machine itself does in the background is waited for. */
const IDLE_TURNS = 2;

/** Real turns without anything left to happen after which a run counts as stuck. */
const STUCK_TURNS = 100_000;

/** Background work of Node.js that a program waits for: while there is any, time stands still. */
const BACKGROUND = /Req|Job|QUERYWRAP|TCPCONNECTWRAP/;

/** Most events of one run: more means that something goes round in circles. */
const MAX_EVENTS = 5_000_000;

/** Longest piece of work in the world's own time: what takes longer waits for something that never comes. */
const MAX_RUN_MS = 4 * 3_600_000;

/** Where a world's time begins: a fixed moment, so that everything signed with the time repeats itself. */
const START_MS = Date.UTC(2026, 0, 1);

/** The one world of a test file; while it is installed, the timers, sockets and dice of the file are its own. */
export class World {
  /** Who the code that runs now belongs to. */
  current: SimulatedProcess | undefined;
  readonly servers = new ListeningServers();
  readonly clock: Clock = {
    now: () => Math.floor(this.#now),
    sleep: (ms, signal) => this.#sleep(ms, signal),
  };
  #now = START_MS;
  #order = 0;
  #events = 0;
  #timers: Timer[] = [];
  #queue: Happening[] = [];
  #next = 0;
  #dice = new Dice(1);
  #restore: (() => void)[] = [];
  readonly #immediate = setImmediate;

  /** Puts the world in the place of the real one. */
  static install(): World {
    const world = new World();
    world.#replaceTimers();
    world.#replaceNetwork();
    world.#replaceDice();
    return world;
  }

  /** Puts the real one back. */
  uninstall(): void {
    for (const restore of this.#restore.splice(0).reverse()) restore();
  }

  /** Begins anew, with nothing on its way. */
  restart(seed: number): void {
    this.#dice = new Dice(seed);
    this.#now = START_MS;
    this.#events = 0;
    this.#order = 0;
    this.#timers = [];
    this.#queue = [];
    this.#next = 0;
  }

  /** Milliseconds of the world's own time. */
  get now(): number {
    return this.#now;
  }

  /** Puts an event at the end of what is to happen now. */
  post(owner: SimulatedProcess | undefined, run: () => void): void {
    this.#queue.push({ owner, run });
  }

  /** Runs work as a process, or as the world; the answer comes back as an event of whoever asked. */
  as<T>(owner: SimulatedProcess | undefined, work: () => Promise<T>): Promise<T> {
    const asker = this.current;
    return new Promise((resolve, reject) => {
      const back = (settle: () => void) => this.post(asker, settle);
      owner?.onDeath(() => back(() => reject(new Error("Plugin did not respond"))));
      this.post(owner, () => {
        work().then(
          (value) => back(() => resolve(value)),
          (error) => back(() => reject(error)),
        );
      });
    });
  }

  /** Lets the world go on until the work is done. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    work().then(
      (value) => {
        outcome = { value };
      },
      (error) => {
        outcome = { error };
      },
    );
    const end = this.#now + MAX_RUN_MS;
    for (let idle = 0; outcome === undefined; ) {
      if (this.#now > end) throw new Error("the work is not done after four hours");
      await this.#turn();
      if (this.#happen()) idle = 0;
      else if (++idle < IDLE_TURNS || this.#isBusy() || this.#advance()) continue;
      else if (idle > STUCK_TURNS) throw new Error("nothing is left to happen, and the work is not done");
    }
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Lets a process die: nothing happens to it any more. */
  bury(process: SimulatedProcess): void {
    this.#timers = this.#timers.filter(({ owner }) => owner !== process);
  }

  /** The next event of now; false when there is none. */
  #happen(): boolean {
    const event = this.#queue[this.#next];
    if (event === undefined) return false;
    this.#next++;
    if (this.#next > 1000) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
    this.#fire(event);
    return true;
  }

  /** Lets time pass up to the next timer; false when there is none. */
  #advance(): boolean {
    const timer = this.#timers.shift();
    if (timer === undefined) return false;
    this.#now = Math.max(this.#now, timer.at);
    if (timer.repeatMs !== undefined) this.#insert({ ...timer, at: this.#now + timer.repeatMs, order: this.#order++ });
    if (timer.owner?.moment("wake") ?? true) this.#fire(timer);
    return true;
  }

  #fire({ owner, run }: Happening): void {
    if (++this.#events > MAX_EVENTS) throw new Error(`more than ${MAX_EVENTS} events: something goes round in circles`);
    if (owner?.isDead) return;
    this.current = owner;
    run();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#immediate(resolve));
  }

  /** Whether Node.js itself does something in the background that will go on with the program. */
  #isBusy(): boolean {
    return process.getActiveResourcesInfo().some((name) => BACKGROUND.test(name));
  }

  #start(run: () => void, ms: number, repeatMs?: number): SimulatedTimer {
    const order = this.#order++;
    // Whole milliseconds, as timers of Node.js have: a chain keeps no fractions of them.
    const at = this.#now + Math.max(0, Number.isFinite(ms) ? Math.ceil(ms) : 0);
    this.#insert({ owner: this.current, at, order, repeatMs, run });
    return new SimulatedTimer(this, order, { run, ms });
  }

  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#timers[middle] as Timer;
      if (other.at < timer.at || (other.at === timer.at && other.order < timer.order)) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
  }

  /** @internal */
  cancel(run: () => void): void {
    const index = this.#timers.findIndex((timer) => timer.run === run);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** @internal */
  again(run: () => void, ms: number): void {
    this.cancel(run);
    this.#start(run, ms);
  }

  async #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const timer = this.#start(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      const onAbort = () => {
        timer.close();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #replace<T extends object, K extends keyof T>(target: T, name: K, value: T[K]): void {
    const before = target[name];
    target[name] = value;
    this.#restore.push(() => {
      target[name] = before;
    });
  }

  #replaceTimers(): void {
    const start = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.#start(() => run(...args), ms);
    const repeat = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.#start(() => run(...args), ms, Math.max(1, ms));
    const stop = (timer: unknown) => {
      if (timer instanceof SimulatedTimer) timer.close();
    };
    const soon = (run: (...args: unknown[]) => void, ...args: unknown[]) => this.post(this.current, () => run(...args));
    const timers = globalThis as unknown as Record<string, unknown>;
    this.#replace(timers, "setTimeout", start);
    this.#replace(timers, "setInterval", repeat);
    this.#replace(timers, "clearTimeout", stop);
    this.#replace(timers, "clearInterval", stop);
    this.#replace(timers, "setImmediate", soon);
    this.#replace(Date, "now", () => Math.floor(this.#now));
    this.#replace(AbortSignal, "timeout", (ms) => {
      const controller = new AbortController();
      this.#start(() => controller.abort(new DOMException("The operation timed out.", "TimeoutError")), ms);
      return controller.signal;
    });
  }

  #replaceNetwork(): void {
    this.#restore.push(this.servers.watch());
    const inMemory = ({ port }: net.TcpNetConnectOpts) => connectInMemory(this, Number(port));
    this.#replace(net, "connect", inMemory as typeof net.connect);
    this.#replace(globalThis, "fetch", (input, init) => fetchInMemory(String(input), init));
  }

  #replaceDice(): void {
    this.#replace(Math, "random", () => this.#dice.below(2 ** 31) / 2 ** 31);
    const bytes = (size: number) => Buffer.from(Array.from({ length: size }, () => this.#dice.below(256)));
    this.#replace(crypto, "randomBytes", bytes as typeof crypto.randomBytes);
  }
}

/** What `setTimeout` gives: looks like a timer of Node.js. */
export class SimulatedTimer {
  constructor(
    private readonly world: World,
    readonly order: number,
    private readonly task: { readonly run: () => void; readonly ms: number },
  ) {}

  close(): void {
    this.world.cancel(this.task.run);
  }

  refresh(): this {
    this.world.again(this.task.run, this.task.ms);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.toPrimitive](): number {
    return this.order;
  }
}
