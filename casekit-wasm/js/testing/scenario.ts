// The scenarios that every host of casekit runs alike. The README of `casekit-testkit` describes the format.
import { camel, fromWire, toWire } from "../convert.js";
import type { Desk } from "../desk.js";
import { CasekitError } from "../errors.js";
import { operations } from "../generated/shapes.js";
import type { DeskOptions } from "../options.js";
import type { Session } from "../session.js";
import { mapped, normaliser, type Json } from "./normal.js";
import { replayable, type Replayable } from "./replayable.js";

/** What people do, step by step. */
export interface Scenario {
  about?: string;
  start: string;
  steps: Step[];
}

/** One operation that somebody runs. */
export interface Step {
  advance_seconds?: number;
  as: "system" | { agent: string } | { customer: string };
  run: string;
  input?: Json;
  save?: string;
  error?: string;
}

interface Runner {
  desk: Desk;
  world: Replayable;
  workspace: string;
  saved: Record<string, Json>;
}

/**
 * Runs a scenario through the sessions' methods on a new, empty desk, which `makeDesk` makes with the options
 * it is given; gives its transcript as it is written to a file. What goes otherwise than the scenario says
 * throws an error that names the step.
 */
export async function runScenario(
  scenario: Scenario,
  makeDesk: (options: DeskOptions) => Promise<Desk>,
): Promise<string> {
  const start = Date.parse(scenario.start);
  const world = replayable(start);
  const desk = await makeDesk(world);
  try {
    const runner: Runner = { desk, world, workspace: desk.newId(), saved: {} };
    const normal = normaliser(start);
    const steps = [];
    for (const [at, step] of scenario.steps.entries()) {
      const told = await runStep(runner, step).catch((cause: unknown) => {
        throw new Error(`step ${at + 1} (\`${step.run}\`): ${(cause as Error).message}`, { cause });
      });
      steps.push({ run: step.run, ...(normal(told) as object) });
    }
    return `${JSON.stringify({ steps }, null, 2)}\n`;
  } finally {
    await desk.close();
  }
}

async function runStep(runner: Runner, step: Step): Promise<Json> {
  const { world, saved } = runner;
  world.advance((step.advance_seconds ?? 0) * 1000);
  const input = resolve(step.input ?? {}, saved, world.now());
  const session = sessionOf(runner, step.as);
  let answer: Json;
  try {
    answer = await perform(session, step.run, input);
  } catch (error) {
    if (!(error instanceof CasekitError) || error.kind !== step.error) throw error;
    const { kind, message, details, retryable } = error;
    return { error: { kind, message, details: details as Json, retryable } };
  }
  if (step.error) throw new Error(`it should have failed as \`${step.error}\`, but gave ${JSON.stringify(answer)}`);
  if (step.save) saved[step.save] = answer;
  return { answer };
}

/**
 * Runs an operation by its method, with names and times as JavaScript has them, and gives the answer as core
 * had it. What is no operation of the session, or has fields that do not exist, is left for core to refuse.
 */
async function perform(session: Session, operation: string, input: Json): Promise<Json> {
  const [given, answered] = operations[operation] ?? [0, 0];
  const method = (session as unknown as Record<string, ((input: unknown) => Promise<unknown>) | undefined>)[camel(operation)];
  const mine = fromWire(given, input);
  if (!method || !isWritable(given, mine)) return (await session.call(operation, input)) as Json;
  return toWire(answered, await method.call(session, mine)) as Json;
}

function isWritable(shape: Parameters<typeof toWire>[0], value: unknown): boolean {
  try {
    toWire(shape, value);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function sessionOf({ desk, workspace, saved }: Runner, performer: Step["as"]): Session {
  if (performer === "system") return desk.system(workspace);
  if ("agent" in performer) return desk.agent(workspace, String(resolve(performer.agent, saved, 0)));
  return desk.customer(workspace, String(resolve(performer.customer, saved, 0)));
}

const CLOCK = /^now([+-]\d+)?$/;

/** What is given, with what it refers to in place of each reference. */
function resolve(given: Json, saved: Record<string, Json>, now: number): Json {
  if (typeof given !== "string") return mapped(given, (value) => resolve(value, saved, now));
  if (given.startsWith("$")) return lookUp(given.slice(1), saved);
  const relative = CLOCK.exec(given);
  return relative ? new Date(now + Number(relative[1] ?? 0) * 1000).toISOString() : given;
}

function lookUp(path: string, saved: Record<string, Json>): Json {
  let found: Json | undefined = saved;
  for (const part of path.split(".")) {
    found = (found as Record<string, Json> | undefined)?.[part];
    if (found === undefined) throw new Error(`\`${path}\` leads nowhere: there is no \`${part}\``);
  }
  return found;
}
