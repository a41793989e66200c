import { randomBytes } from "node:crypto";
import { withDeadline } from "../../../core/backoff";
import { GridError, hasCode, messageOf } from "../../../core/errors";
import { PROJECT_NAME_PATTERN } from "../../../model/identity";
import { isOnThisGrid, originOf, readOrigin } from "../../deployment/same-grid";
import {
  type ApplyInput,
  type CallContext,
  isFilled,
  type PlanInput,
  type PlanOutput,
  type Resource,
  type StateInput,
  type StateOutput,
} from "../../resource";
import { Attributes } from "../../schema/attributes";
import { badValue } from "../../schema/finding";
import type { BlockSchema } from "../../schema/schema";
import { type ObjectValue, UNKNOWN } from "../../schema/value";
import { refuseOtherLineage, refuseTakenName, requireNothingLeft, scopeOf } from "./lineages";

/** More than the chain client takes to give up on the end of a contract, as often as that is repeated. */
const ENDINGS_MS = 3_600_000;

/** The root of everything one state owns. */
export const projectSchema: BlockSchema = {
  version: 0,
  description:
    "A project: the lineage that is stamped on every contract this state makes, and the scope of every derived key. It costs nothing itself.",
  attributes: {
    name: {
      type: "string",
      required: true,
      description:
        "1 to 40 letters, digits, `_` and `-`. A later change touches labels only: keys keep the first name.",
    },
    adopt: {
      type: "string",
      optional: true,
      description:
        "Lineage id of a project whose state was lost: its contracts are taken over as their resources are applied. Set later, it moves the project there, and replaces what was made under its own lineage.",
    },
    id: {
      type: "string",
      computed: true,
      description: "Lineage: the first name, a dot, 16 random hexadecimal digits.",
    },
    key_scope: { type: "string", computed: true, description: "The name at creation." },
    key_check: {
      type: "string",
      computed: true,
      description: "Tells whether the account's secret is still the one the keys were derived from. Reveals nothing.",
    },
  },
};

/** `threefold_project`. */
export const project: Resource = {
  typeName: "threefold_project",
  schema: projectSchema,
  validate: (config) => [...checkName(config), ...checkAdopt(config)],
  plan: planProject,
  apply: applyProject,
  read: readProject,
  destroy: endProject,
  import: { id: "lineage id", find: importProject },
};

async function importProject(id: string): Promise<StateInput> {
  if (!isLineage(id)) throw badLineage(["id"], id);
  const scope = scopeOf(id);
  return { state: { name: scope, adopt: null, id, key_scope: scope, key_check: null }, private: {} };
}

/** A project holds nothing itself. It goes last, and so it waits until all that went before it has gone for good. */
async function endProject({ state }: StateInput, context: CallContext): Promise<void> {
  await awaitEndings(String(state.name), context);
  const { id, key_scope: scope } = state;
  if (typeof id === "string" && typeof scope === "string") await requireNothingLeft({ id, scope }, context);
}

/** @throws {GridError} TFG_CHAIN_REORG when a contract was brought back by dropped blocks, and could not be ended again */
async function awaitEndings(name: string, context: CallContext): Promise<void> {
  const { endings } = await context.session.engine(context);
  const onTimeout = () => new Error("unreachable: every client gives up before this");
  const reasons = await withDeadline(endings.settled(), { ms: ENDINGS_MS, signal: context.signal, onTimeout });
  const isHarmless = (reason: unknown) => hasCode(reason, "TFG_CHAIN_NOT_FINAL");
  const failure = reasons.find((reason) => !isHarmless(reason));
  if (failure !== undefined) throw failure;
  for (const reason of reasons)
    context.warn(`project ${name}: the end of a contract is not final yet`, messageOf(reason));
}

async function planProject(input: PlanInput, context: CallContext): Promise<PlanOutput> {
  const output = await decide(input, context);
  const { prior, config } = input;
  const { key_scope: scope } = output.planned;
  const standing = prior === null ? undefined : String(prior.id);
  const isRemembered = isFilled(input.priorPrivate);
  if (typeof scope === "string") {
    context.session.claims.takeIdentity({ scope, role: "project" }, { standing, config, isRemembered });
  }
  return output;
}

async function decide({ prior, proposed }: PlanInput, context: CallContext): Promise<PlanOutput> {
  const attributes = new Attributes(proposed);
  if (prior !== null && proposed.adopt === UNKNOWN) throw adoptedLate();
  const adopted = proposed.adopt === UNKNOWN ? undefined : attributes.text("adopt");
  if (prior !== null && !isAdoptedAnew(prior, adopted)) {
    const scope = String(prior.key_scope);
    const check = (await context.session.account(context.signal)).keys(scope).check();
    if (prior.key_check !== null && prior.key_check !== check) throw otherSecret(scope);
    return { planned: { ...proposed, id: prior.id ?? null, key_scope: scope, key_check: check } };
  }
  if (proposed.name === UNKNOWN || proposed.adopt === UNKNOWN) {
    return { planned: { ...proposed, id: UNKNOWN, key_scope: UNKNOWN, key_check: UNKNOWN } };
  }
  const scope = adopted === undefined ? attributes.requireText("name") : scopeOf(adopted);
  const check = (await context.session.account(context.signal)).keys(scope).check();
  return { planned: { ...proposed, id: adopted ?? UNKNOWN, key_scope: scope, key_check: check } };
}

/** Whether everything of the project is replaced hangs on it: a plan that does not know it could promise nothing. */
function adoptedLate(): GridError {
  const allowed = "a lineage that the plan knows, once the project stands";
  return badValue({ attribute: ["adopt"], what: "is known after the apply only", allowed, remedy: "write it out." });
}

/**
 * Whether a project that stands is moved to another lineage. It gets one of its own when it is made while the directory does
 * not list yet what a lost run has made, and has to find its way back.
 */
function isAdoptedAnew(prior: ObjectValue, adopted: string | undefined): adopted is string {
  return adopted !== undefined && adopted !== prior.id && adopted !== prior.adopt;
}

async function applyProject({ planned, prior }: ApplyInput, context: CallContext): Promise<StateOutput> {
  const origin = originOf(await context.session.account(context.signal));
  if (prior !== null && prior.id === planned.id) return { state: planned, private: origin };
  const attributes = new Attributes({ ...planned, id: null });
  const scope = attributes.requireText("key_scope");
  const adopted = attributes.text("adopt");
  if (adopted !== undefined) {
    await refuseOtherLineage(adopted, context);
    return { state: { ...planned, id: adopted }, private: origin };
  }
  await refuseTakenName(scope, context);
  return { state: { ...planned, id: `${scope}.${randomBytes(8).toString("hex")}` }, private: origin };
}

/** The lineage is this state's own word: nothing on the grid tells of it but the grid itself, and whose it is. */
async function readProject(input: StateInput, context: CallContext): Promise<StateOutput> {
  const { state } = input;
  const account = await context.session.account(context.signal);
  const origin = readOrigin(input.private);
  if (origin && !isOnThisGrid(origin, account, { title: `project ${String(state.name)}`, context })) {
    return { state: null };
  }
  const check = state.key_check ?? account.keys(new Attributes(state).requireText("key_scope")).check();
  return { state: { ...state, key_check: check }, private: originOf(account) };
}

function checkName({ name }: ObjectValue): GridError[] {
  if (typeof name !== "string" || PROJECT_NAME_PATTERN.test(name)) return [];
  const bytes = Buffer.byteLength(name, "utf8");
  const allowed = `1 to 40 letters, digits, _ and -, beginning with a letter or a digit (given: ${bytes} bytes)`;
  return [badValue({ attribute: ["name"], given: name.slice(0, 60), allowed, remedy: "use a shorter, plainer name." })];
}

function checkAdopt({ adopt }: ObjectValue): GridError[] {
  return typeof adopt === "string" && !isLineage(adopt) ? [badLineage(["adopt"], adopt)] : [];
}

function isLineage(text: string): boolean {
  return /^.+\.[0-9a-f]{16}$/.test(text) && PROJECT_NAME_PATTERN.test(scopeOf(text));
}

function badLineage(attribute: readonly string[], given: string): GridError {
  return badValue({
    attribute,
    given,
    allowed: "a lineage id: the project's first name, a dot, 16 hexadecimal digits",
  });
}

function otherSecret(scope: string): GridError {
  return new GridError({
    code: "TFG_OTHER_SECRET",
    summary: `The keys of project "${scope}" were derived from another secret.`,
    standing: "Nothing was changed: a silent change of every key would cut off all machines.",
    remedy:
      "use the mnemonic the project was made with, or set THREEFOLD_KEY_SECRET to the secret it was made with. If both are lost, `terraform destroy -refresh=false` still ends everything.",
  });
}
