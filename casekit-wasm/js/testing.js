// A world that is the same in every run, and the scenarios that every host of casekit runs alike.
// The format of scenarios and transcripts is described in the README of `casekit-testkit`.

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;
const CLOCK = /^now([+-]\d+)?$/;

/** A clock that stands still until it is told otherwise, and ids from a counter: the options of a desk. */
export function replayable(start = Date.parse("2026-01-05T09:00:00Z")) {
  let time = start;
  let made = 0;
  return {
    now: () => time,
    newId: (now) => {
      const head = now.toString(16).padStart(12, "0");
      const tail = (++made).toString(16).padStart(12, "0");
      return `${head.slice(0, 8)}-${head.slice(8)}-7000-8000-${tail}`;
    },
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}

/**
 * Runs a scenario on a new, empty desk, which `makeDesk` makes with the options it is given; gives its
 * transcript as it is written to a file. What goes otherwise than the scenario says throws an error
 * that names the step.
 */
export async function runScenario(scenario, makeDesk) {
  const start = Date.parse(scenario.start);
  const world = replayable(start);
  const desk = makeDesk(world);
  await desk.migrate();
  const runner = { desk, world, workspace: desk.newId(), saved: {} };
  const normal = normaliser(start);
  const steps = [];
  for (const [at, step] of scenario.steps.entries()) {
    try {
      const told = await runStep(runner, step);
      steps.push({ run: step.run, ...normal(told) });
    } catch (error) {
      throw new Error(`step ${at + 1} (\`${step.run}\`): ${error.message}`, { cause: error });
    }
  }
  return `${JSON.stringify({ steps }, null, 2)}\n`;
}

async function runStep({ desk, world, workspace, saved }, step) {
  world.advance((step.advance_seconds ?? 0) * 1000);
  const given = JSON.stringify(resolve(step.input ?? {}, saved, world.now()));
  const actor = JSON.stringify(actorOf(step.as, saved));
  let text;
  try {
    text = await desk.call(workspace, actor, step.run, given);
  } catch (error) {
    if (error.kind === undefined || error.kind !== step.error) throw error;
    const { kind, message, details, retryable } = error;
    return { error: { kind, message, details, retryable } };
  }
  if (step.error) throw new Error(`it should have failed as \`${step.error}\`, but gave ${text}`);
  const answer = JSON.parse(text);
  if (step.save) saved[step.save] = answer;
  return { answer };
}

function actorOf(performer, saved) {
  if (typeof performer === "string") return { type: performer };
  const [[type, reference]] = Object.entries(performer);
  return { type, id: resolve(reference, saved) };
}

/** What is given, with what it refers to in place of each reference. */
function resolve(given, saved, now) {
  if (typeof given !== "string") return mapped(given, (value) => resolve(value, saved, now));
  if (given.startsWith("$")) return lookUp(given.slice(1), saved);
  const relative = CLOCK.exec(given);
  return relative ? new Date(now + Number(relative[1] ?? 0) * 1000).toISOString() : given;
}

function lookUp(path, saved) {
  return path.split(".").reduce((found, part) => {
    if (found?.[part] === undefined) throw new Error(`\`${path}\` leads nowhere: there is no \`${part}\``);
    return found[part];
  }, saved);
}

/** Takes away what differs from run to run: ids are numbered, times are relative to the start. */
function normaliser(start) {
  const ids = new Map();
  const numbered = (id) => {
    const key = id.toLowerCase();
    if (!ids.has(key)) ids.set(key, ids.size + 1);
    return `id:${ids.get(key)}`;
  };
  const textOf = (text, name) => {
    if (name === "next") return "cursor";
    const whole = name === "message" ? text.split(" at line ")[0] : text;
    if (!TIME.test(whole)) return whole.replace(ID, numbered);
    const since = Date.parse(whole) - start;
    return `time:${since < 0 ? "" : "+"}${since}`;
  };
  const normal = (value, name) =>
    typeof value === "string" ? textOf(value, name) : mapped(value, normal);
  return normal;
}

/** A value of JSON with `change` done to its items or members, and these in the order of their names. */
function mapped(value, change) {
  if (Array.isArray(value)) return value.map((item) => change(item));
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, change(value[name], name)]));
}
