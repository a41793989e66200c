/** One stack of random objects through its life, and everything that a plan promised checked against the grid. */
import { isDeepStrictEqual } from "node:util";
import type { Devgrid } from "../../../lib/devgrid/devgrid";
import type { DeploymentRecord } from "../../../lib/devgrid/node/engine/deployment-store";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../../../lib/provider/schema/value";
import {
  type Action,
  type Block,
  notYetKnown,
  type PlannedChange,
  type RpcDriver,
  type StoredObject,
} from "../rpc-driver";
import { brokenBy } from "../terraform-rules";
import { Dice } from "./dice";
import { gatewayDomains, gatewayNames, pointDomains } from "./gateways";
import { machines } from "./machines";
import { meshes } from "./meshes";
import { placements } from "./placements";
import { rawDeployments } from "./raw-deployments";
import { rents } from "./rents";
import { stores } from "./stores";
import { type Draft, lostStorage, type Subject } from "./subject";

const PROJECT = "threefold_project";
const NETWORK = "threefold_network";

/** Nodes that the stack's own mesh spans, so that its machines may move between them. */
const MESH_NODES = [1, 2, 4];

/** An object on its way through the steps. */
interface Slot {
  readonly name: string;
  readonly subject: Subject;
  draft: Draft;
  stored: StoredObject | undefined;
}

/** What an object's references lead to: planned values in a plan, real ones in an apply. */
interface References {
  readonly project: ObjectValue;
  readonly mesh: ObjectValue;
}

/** Deployments by contract. */
type Deployed = ReadonlyMap<number, DeploymentRecord>;

/** What is planned for one slot. */
interface SlotPlan {
  readonly slot: Slot;
  readonly before: Draft | undefined;
  readonly late: readonly string[];
  readonly change: PlannedChange;
}

/** A stack: a project, a mesh, and objects of every other kind, drawn from a seed. */
export class TruthStack {
  readonly #driver: RpcDriver;
  readonly #grid: Devgrid;
  readonly #dice: Dice;
  readonly #seed: number;
  readonly #slots: readonly Slot[];
  #project: StoredObject | undefined;
  #projectName: string;
  #mesh: StoredObject | undefined;
  /** Pairs of configurations so far: what stood, and what it was changed to. */
  pairs = 0;
  /** What was planned, for looking at how much the draws cover. */
  readonly planned: Record<string, number> = {};

  constructor(driver: RpcDriver, grid: Devgrid, seed: number) {
    this.#driver = driver;
    this.#grid = grid;
    this.#seed = seed;
    this.#dice = new Dice(seed);
    this.#projectName = `truth${seed}`;
    const kinds: readonly [Subject, number][] = [
      [machines, 8],
      [stores, 4],
      [rawDeployments, 4],
      [rents, 1],
      [meshes, 3],
      [placements, 2],
      [gatewayNames, 2],
      [gatewayDomains, 2],
    ];
    this.#slots = kinds.flatMap(([subject, count]) =>
      Array.from({ length: count }, (_, index) => {
        const name = `${subject.type.slice("threefold_".length, "threefold_".length + 2)}${index}`;
        return { name, subject, draft: subject.draw(this.#dice, name), stored: undefined };
      }),
    );
  }

  /** Creates everything, changes it `changes` times, and ends it. */
  async live(changes: number): Promise<void> {
    await pointDomains(
      this.#grid,
      this.#slots.map(({ name }) => name),
    );
    await this.#step(undefined);
    for (let step = 0; step < changes; step++) {
      const before = new Map(this.#slots.map((slot) => [slot, slot.draft]));
      for (const slot of this.#slots) slot.draft = slot.subject.change(this.#dice, slot.draft);
      if (this.#dice.chance(25)) this.#projectName = `truth${this.#seed}x${step}`;
      await this.#step(before);
      this.pairs += this.#slots.length;
    }
    await this.#applyAgain();
    await this.#end();
  }

  async #step(before: ReadonlyMap<Slot, Draft> | undefined): Promise<void> {
    const isRenamed = this.#project !== undefined && this.#project.state.name !== this.#projectName;
    this.#setOutside();
    const served = this.#writes();
    await this.#refresh();
    const project = await this.#driver.plan(PROJECT, this.#project, { name: this.#projectName });
    const mesh = await this.#driver.plan(NETWORK, this.#mesh, this.#meshBlock(project.planned));
    const references = { project: project.planned, mesh: mesh.planned };
    const plans = await Promise.all(this.#slots.map((slot) => this.#plan(slot, before?.get(slot), references)));
    await this.#driver.repeatPlans();
    this.#require(this.#writes() === served, "a plan wrote to the grid");
    for (const plan of plans) this.#checkAction(plan, isRenamed);
    const standing = this.#deployed();
    const contracts = new Map(this.#slots.map((slot) => [slot, contractOf(slot)]));
    await this.#apply(project, mesh, plans);
    const deployed = this.#deployed();
    for (const plan of plans) {
      const record = standing.get(contracts.get(plan.slot) ?? 0);
      this.#checkResult(plan, { record, deployed });
    }
    await this.#checkSecondPlan();
  }

  /** As Terraform orders it: what is replaced ends first, then everything is made after what it refers to. */
  async #apply(project: PlannedChange, mesh: PlannedChange, plans: readonly SlotPlan[]): Promise<void> {
    await this.#driver.beginWalk();
    const ended = plans.filter(({ change }) => change.action === "replace");
    await Promise.all(ended.map(({ slot, change }) => this.#driver.destroyForReplacement(slot.subject.type, change)));
    this.#project = await this.#driver.apply(PROJECT, project, { name: this.#projectName });
    this.#mesh = await this.#driver.apply(NETWORK, mesh, this.#meshBlock(this.#project.state));
    const references = { project: this.#project.state, mesh: this.#mesh.state };
    const results = await Promise.allSettled(
      plans.map(async ({ slot, change }) => {
        slot.stored = await this.#driver.apply(slot.subject.type, change, this.#block(slot, references));
      }),
    );
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (failures.length > 0) throw this.#failure(failures.map((error) => String(error?.message ?? error)).join("\n"));
  }

  async #plan(slot: Slot, before: Draft | undefined, references: References): Promise<SlotPlan> {
    const { subject, draft, stored } = slot;
    const mayBeLate = before === undefined || subject.expected(before, draft) !== "replace";
    const late = mayBeLate && this.#dice.chance(20) ? this.#dice.some(subject.late, 40) : [];
    const block = notYetKnown(this.#block(slot, references), late);
    const change = await this.#driver.plan(subject.type, stored, block).catch((error) => {
      throw this.#failure(error.message, slot, before);
    });
    this.planned[change.action] = (this.planned[change.action] ?? 0) + 1;
    return { slot, before, late, change };
  }

  #checkAction({ slot, before, late, change }: SlotPlan, isRenamed: boolean): void {
    if (before === undefined) return;
    const byGrid = slot.subject.expected(before, slot.draft);
    const hasProject = slot.subject !== placements;
    const expected: Action = byGrid === "no-op" && ((isRenamed && hasProject) || late.length > 0) ? "update" : byGrid;
    const isFine = change.action === expected || (late.length > 0 && change.action === byGrid);
    this.#require(isFine, `planned ${change.action}, by the grid's rules ${expected}`, slot, before);
  }

  /** @param grid what ran for the slot before, and what runs for everything now */
  #checkResult(
    { slot, before, change }: SlotPlan,
    { record, deployed }: { readonly record: DeploymentRecord | undefined; readonly deployed: Deployed },
  ): void {
    const { stored, subject, draft } = slot;
    const state = stored?.state ?? {};
    if (typeof state.status === "string") this.#require(state.status === "ok", `is ${state.status}`, slot, before);
    this.#checkMembers(slot, change, { before, deployed });
    if (!("deployment_hash" in state)) return;
    const now = deployed.get(contractOf(slot));
    this.#require(now !== undefined, "is in state and on no node", slot, before);
    if (change.action === "create" || change.action === "replace") {
      const isNew = state.contract_id !== change.prior?.state.contract_id;
      this.#require(change.action === "create" || isNew, "was to be replaced and was not", slot, before);
      const isSigned = change.planned.content_hash === UNKNOWN || state.deployment_hash === change.planned.content_hash;
      this.#require(isSigned, "signed another hash than the planned one", slot, before);
      return;
    }
    if (change.planned.contract_id === UNKNOWN) {
      // Moved to another node: state names the contract there, and `leftovers` tells whether the former one has ended.
      this.#require(now?.contractId !== record?.contractId, "was to move and did not", slot, before);
      return;
    }
    this.#require(now?.contractId === record?.contractId, "lost its contract without a word", slot, before);
    if (!record || !now || !before) return;
    const lost = lostStorage(subject, before, draft).length;
    const gone = storageGone(record, now);
    this.#require(gone.length === lost, `lost ${gone.join(", ") || "nothing"}, ${lost} expected`, slot, before);
    const isSame = isDeepStrictEqual(contentOf(record), contentOf(now));
    this.#require(!isSame || record.header.version === now.header.version, "sent an update of nothing", slot, before);
  }

  /** A member whose hash the plan knew was not to be touched. */
  #checkMembers(
    slot: Slot,
    { prior, planned }: PlannedChange,
    { before, deployed }: { readonly before: Draft | undefined; readonly deployed: Deployed },
  ): void {
    if (!prior || !isObjectValue(planned.members) || !isObjectValue(slot.stored?.state.members)) return;
    for (const [node, member] of Object.entries(planned.members)) {
      const now = slot.stored.state.members[node];
      if (!isObjectValue(member) || !isObjectValue(now)) continue;
      this.#require(now.status === "ok", `member ${node} is ${String(now.status)}`, slot, before);
      this.#require(deployed.has(Number(now.contract_id)), `member ${node} is on no node`, slot, before);
    }
  }

  async #checkSecondPlan(): Promise<void> {
    await this.#refresh();
    const project = await this.#driver.plan(PROJECT, this.#project, { name: this.#projectName });
    const mesh = await this.#driver.plan(NETWORK, this.#mesh, this.#meshBlock(project.planned));
    this.#require(project.action === "no-op" && mesh.action === "no-op", "project and mesh do not rest");
    const references = { project: project.planned, mesh: mesh.planned };
    await Promise.all(
      this.#slots.map(async (slot) => {
        const { action, planned, prior } = await this.#driver.plan(
          slot.subject.type,
          slot.stored,
          this.#block(slot, references),
        );
        const differences = brokenBy(prior?.state ?? null, planned).join("\n");
        this.#require(action === "no-op", `the second plan is ${action}: ${differences}`, slot);
      }),
    );
  }

  /** A refresh that finds everything as the apply left it. */
  async #refresh(): Promise<void> {
    await this.#driver.beginWalk();
    const look = async (type: string, stored: StoredObject | undefined, slot?: Slot) => {
      if (!stored) return undefined;
      const found = await this.#driver.refresh(type, stored);
      const drift = found ? brokenBy(stored.state, found.state) : ["gone"];
      this.#require(drift.length === 0, `a refresh finds something else: ${drift.join("\n")}`, slot);
      return found;
    };
    this.#project = await look(PROJECT, this.#project);
    this.#mesh = await look(NETWORK, this.#mesh);
    await Promise.all(
      this.#slots.map(async (slot) => {
        slot.stored = await look(slot.subject.type, slot.stored, slot);
      }),
    );
  }

  /** An apply of what stands already sends nothing to anybody. */
  async #applyAgain(): Promise<void> {
    await this.#driver.beginWalk();
    const served = this.#writes();
    for (const slot of this.#slots) {
      const { stored, subject, draft } = slot;
      // Values that only configuration holds may have changed without a raised version: an apply does send those.
      if (!stored || draft.block.secret_env_wo !== undefined) continue;
      const step = { prior: stored, planned: stored.state, plannedPrivate: stored.private };
      await this.#driver.applyAsPlanned(subject.type, step, stored.state);
      this.#require(this.#writes() === served, "a second apply wrote to the grid", slot);
    }
  }

  async #end(): Promise<void> {
    await this.#driver.beginWalk();
    await Promise.all(
      this.#slots.map(async ({ subject, stored }) => stored && this.#driver.destroy(subject.type, stored)),
    );
    if (this.#mesh) await this.#driver.destroy(NETWORK, this.#mesh);
    if (this.#project) await this.#driver.destroy(PROJECT, this.#project);
  }

  #meshBlock(project: ObjectValue): Block {
    const hosts = this.#slots
      .filter(({ subject }) => subject === machines)
      .map(({ name, draft }) => [`${name}${draft.host ?? "a"}`, draft.block.node_id] as const);
    return { project: reference(project), name: "mesh", nodes: MESH_NODES, hosts: Object.fromEntries(hosts) };
  }

  #block({ name, subject, draft }: Slot, { project, mesh }: References): Block {
    if (subject === placements) return draft.block;
    const { addresses } = mesh;
    const ip: Value = isObjectValue(addresses) ? (addresses[`${name}${draft.host}`] ?? null) : UNKNOWN;
    const network = draft.host === undefined ? {} : { network: { name: mesh.network_name, ip } };
    return { ...draft.block, project: reference(project), ...network };
  }

  #setOutside(): void {
    for (const { draft } of this.#slots) Object.assign(process.env, draft.outside);
  }

  /** Deployments that nodes took and calls that the chain took. */
  #writes(): number {
    const { nodes, chain } = this.#grid.stats();
    return Object.values(nodes).reduce((sum, { writes }) => sum + writes, chain.extrinsics);
  }

  /** What runs on all nodes. */
  #deployed(): Deployed {
    const records = [...this.#grid.nodes.values()].flatMap((node) => node.snapshot().deployments);
    return new Map(records.map((record) => [record.contractId, record]));
  }

  #require(isTrue: boolean, problem: string, slot?: Slot, before?: Draft): void {
    if (!isTrue) throw this.#failure(problem, slot, before);
  }

  #failure(problem: string, slot?: Slot, before?: Draft): Error {
    const where = slot ? `${slot.subject.type} ${slot.name}\n` : "";
    const drafts = slot ? `\nbefore ${JSON.stringify(before)}\nnow    ${JSON.stringify(slot.draft)}` : "";
    return new Error(`PLAN_TRUTH_SEED=${this.#seed} PLAN_TRUTH_RUNS=1 repeats this:\n${where}${problem}${drafts}`);
  }
}

/** Number of the contract that a slot's state names; none has 0. */
function contractOf({ stored }: Slot): number {
  return Number(stored?.state.contract_id ?? 0);
}

/** The part of a project that others take. */
function reference({ id = null, name = null, key_scope = null }: ObjectValue): ObjectValue {
  return { id, name, key_scope };
}

const STORAGE = ["zmount", "volume", "zdb"];

/** Storage that the node took down since an earlier look. */
function storageGone(before: DeploymentRecord, now: DeploymentRecord): string[] {
  return now.changes
    .slice(before.changes.length)
    .filter(({ type, result }) => STORAGE.includes(type) && result.state === "deleted")
    .map(({ name }) => name);
}

/** What a node runs for a contract. */
function contentOf({ active, changes, header }: DeploymentRecord): unknown {
  const data = active.map(({ name, type }) => [name, type, changes.findLast((entry) => entry.name === name)?.data]);
  return [header.metadata, header.description, ...data.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))];
}
