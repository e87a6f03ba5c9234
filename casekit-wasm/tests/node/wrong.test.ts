// What goes wrong, and what one is told: the table of docs/javascript.md, row by row.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CasekitError, connect, type AgentSession, type Desk } from "casekit";
import { ada, openCase, opened, refused, ScriptedStore } from "../support.js";

let desk: Desk;
let workspace: string;
let system: AgentSession;
let other: string;
before(async () => {
  ({ desk, workspace, system } = await opened(await connect("memory:")));
  await openCase(system, "Lamp");
  other = (await system.findOrCreateCustomer({ contact: { email: "other@example.com" } })).customer.id;
});
after(() => desk.close());

const wrong = (input: unknown) => input as never;

const call = { case: 1, direction: "inbound", outcome: "answered", endedAt: new Date() } as const;

/** What is done, how, and the kind and message of the error. */
const rows: Array<[string, () => Promise<unknown>, string, RegExp]> = [
  ["an unknown operation", () => system.call("no_such_operation"), "invalid", /there is no operation `no_such_operation` for staff/],
  ["an operation of others", () => desk.customer(workspace, desk.newId()).call("get_case", { case: 1 }), "invalid", /for customers/],
  ["an operation without a name", () => system.call(wrong(7)), "invalid", /named by a text/],
  ["a missing field", () => system.openCase(wrong({ subject: "Lamp" })), "invalid", /`open_case` cannot be read: .*`customer`/],
  ["a field that does not exist", () => system.openCase(wrong({ customer: ada, colour: "red" })), "invalid", /no field `colour` here, only `assignee`, /],
  ["a field by its name in core", () => system.openCase(wrong({ customer: ada, external_id: null })), "invalid", /no field `external_id` here/],
  ["an inner field that does not exist", () => system.openCase(wrong({ customer: { mail: "a@b.c" } })), "invalid", /no field `mail` here/],
  ["no object", () => system.openCase(wrong("Lamp")), "invalid", /`openCase` takes an object/],
  ["a value of another type", () => system.openCase(wrong({ customer: ada, subject: 7 })), "invalid", /`open_case` cannot be read/],
  ["a word that is none of those", () => system.openCase(wrong({ customer: ada, priority: "huge" })), "invalid", /`huge`/],
  ["a time that is none", () => system.logCall({ ...call, startedAt: new Date(Number.NaN) }), "invalid", /no valid time/],
  ["a BigInt", () => system.getCase(wrong({ case: 1n })), "invalid", /no JSON form/],
  ["what holds itself", () => system.call("get_case", holdsItself()), "invalid", /no JSON form/],
  ["a filter that holds itself", () => system.findCases({ filter: wrong(holdsItself("any")) }).then(), "invalid", /no JSON form: it holds itself/],
  ["a number that is none", () => patch(Number.NaN), "invalid", /no JSON form: `amount` is the number NaN/],
  ["a number without end", () => patch(-Infinity), "invalid", /`amount` is the number -Infinity/],
  ["a time that is none, as data", () => patch(new Date(Number.NaN)), "invalid", /`amount` is a `Date` that is no valid time/],
  ["a function", () => patch(() => 7), "invalid", /`amount` is a function/],
  ["a symbol", () => patch(Symbol.iterator), "invalid", /`amount` is a symbol/],
  ["a `Map`", () => patch(new Map([["a", 1]])), "invalid", /`amount` is a `Map`/],
  ["a `Set`", () => patch(new Set([1])), "invalid", /`amount` is a `Set`/],
  ["a `Map` as all the input", () => system.findCases(wrong(new Map([["limit", 1]]))).then(), "invalid", /no JSON form: it is a `Map`/],
  ["a `Set` in the place of an object", () => system.openCase({ customer: wrong(new Set(["Ada"])) }), "invalid", /`customer` is a `Set`/],
  ["what was not awaited", () => system.findCases(wrong(Promise.resolve({}))).then(), "invalid", /it is a `Promise`/],
  ["a function as all the input", () => system.call("get_case", () => 7), "invalid", /no JSON form: it is a function/],
  ["a text of 1 MiB", () => system.addNote({ case: 1, text: "x".repeat(2 ** 20) }), "limit", /`text` is too long: at most 524288 bytes/],
  ["a case that is not there", () => system.getCase({ case: 404 }), "not_found", /case `404` was not found/],
  ["a case of somebody else", () => desk.customer(workspace, other).myCase({ case: 1 }), "not_found", /case `1` was not found/],
  ["a workspace that is no id", () => desk.system("here").getCase({ case: 1 }), "invalid", /`here`/],
  ["a workspace that is no text", () => desk.system(wrong(null)).getCase({ case: 1 }), "invalid", /the id of a workspace must be a text/],
  ["no workspace of events", () => desk.events(wrong(undefined)).next(), "invalid", /the id of a workspace must be a text/],
  ["an agent that is a BigInt", async () => desk.agent(workspace, wrong(1n)), "invalid", /no JSON form/],
  ["an agent that is no id", () => desk.agent(workspace, "nobody").getCase({ case: 1 }), "invalid", /UUID/],
  ["an agent that is not there", () => desk.agent(workspace, desk.newId()).getCase({ case: 1 }), "denied", /is unknown or not active/],
  ["a sequence number that is none", () => desk.events(workspace, { after: -1 }).next(), "invalid", /not a sequence number/],
  ["a sequence number that is a text", () => desk.events(workspace, { after: wrong("7") }).next(), "invalid", /`after` is a sequence number/],
  ["a signal that is none", () => desk.events(workspace, { signal: wrong({}) }).next(), "invalid", /`signal` is an `AbortSignal`/],
  ["no options of events", () => desk.events(workspace, wrong(null)).next(), "invalid", /options of `events` are an object/],
  ["no options", () => connect("memory:", wrong(null)), "invalid", /the options are an object/],
  ["an option that does not exist", () => connect("memory:", wrong({ polcy: {} })), "invalid", /no option `polcy`, only `now`, /],
  ["no policy", () => connect("memory:", { policy: wrong(null) }), "invalid", /`policy` must be an object with a method `decide`/],
  ["a policy that does not decide", () => connect("memory:", { policy: wrong({}) }), "invalid", /`policy` must be an object with/],
  ["a clock that is no function", () => connect("memory:", { now: wrong(7) }), "invalid", /`now` must be a function/],
  ["patience without end", () => connect("memory:", { patience: Infinity }), "invalid", /`patience` must be milliseconds/],
  ["patience that no timer has", () => connect("memory:", { patience: 2 ** 31 }), "invalid", /from 1 to 2147483647/],
  ["a durability that is none", () => connect("memory:", { durability: wrong("weak") }), "invalid", /`strict` or `relaxed`/],
  ["a store that is none", () => connect(wrong("postgres://here")), "invalid", /is no store/],
  ["a store without methods", () => connect(wrong({ find() {} })), "invalid", /no method `migrate`/],
  ["no store at all", () => connect(wrong(null)), "invalid", /a store is an object/],
];

function holdsItself(name = "ring"): object {
  const ring: Record<string, unknown> = {};
  ring[name] = name === "any" ? [ring] : ring;
  return ring;
}

const patch = (amount: unknown) => system.patchCase({ case: 1, seen: 1, custom: { amount: wrong(amount) } });

for (const [what, call, kind, message] of rows) {
  test(`${what} is refused as \`${kind}\``, async () => {
    const error = await refused(async () => call());
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    assert.equal(error.retryable, false);
  });
}

test("a closed desk refuses everything", async () => {
  const { desk, workspace, system } = await opened(await connect("memory:"));
  await desk.close();
  const calls = [
    () => system.getCase({ case: 1 }),
    () => system.call("get_case", { case: 1 }),
    () => desk.events(workspace).next(),
    () => desk.newId(),
    () => desk.health(),
  ];
  for (const call of calls) {
    const error = await refused(call);
    assert.deepEqual([error.kind, error.message], ["invalid", "the desk is closed"]);
  }
});

test("closing lets what runs finish", async () => {
  const { desk, system } = await opened(await connect(new ScriptedStore()));
  const running = openCase(system, "Lamp");
  await desk.close();
  assert.equal((await running).number, 1);
});

test("a conflict says which field and what it holds now", async () => {
  const { system } = await opened(await connect("memory:"));
  const { version } = await openCase(system, "Lamp");
  await system.patchCase({ case: 1, seen: version, subject: "Lamp, red" });
  const error = await refused(system.patchCase({ case: 1, seen: version, subject: "Lamp, blue" }));
  assert.equal(error.kind, "conflict");
  assert.match(JSON.stringify(error.details), /"current":"Lamp, red","field":"subject"/);
});
