// What is generated is whole: every operation has its method, in the session of its audience and in no other.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { AgentSession, CustomerSession } from "casekit";
import { camel, fromWire, toWire } from "../../dist/convert.js";
import { operations, shapes } from "../../dist/generated/shapes.js";

const snapshot = new URL("../../../casekit-core/tests/snapshots/wire__operations.snap", import.meta.url);
const registry = [...readFileSync(snapshot, "utf8").matchAll(/^(\w+) \((staff|customers), \w+\): /gm)];

test("every operation is a method of the session of its audience, and of no other", () => {
  assert.ok(registry.length > 80);
  assert.deepEqual(Object.keys(operations).sort(), registry.map(([, name]) => name).sort());
  for (const [, name = "", audience] of registry) {
    const method = camel(name);
    assert.equal(method in AgentSession.prototype, audience === "staff", name);
    assert.equal(method in CustomerSession.prototype, audience === "customers", name);
  }
});

test("every shape that is named exists", () => {
  const named = (shape: unknown): string[] => {
    if (typeof shape === "string") return shape === "time" ? [] : [shape];
    return typeof shape === "object" && shape !== null ? Object.values(shape).flatMap(named) : [];
  };
  const all = [...Object.values(shapes), ...Object.values(operations)].flatMap(named);
  assert.deepEqual(all.filter((name) => !(name in shapes)), []);
});

test("what is written is read back, and keys that are data stay as they are", () => {
  const at = new Date("2026-01-05T09:00:00.123Z");
  const wire = {
    customer_name: "Ada",
    opened_at: "2026-01-05T09:00:00.123Z",
    custom: { serial_number: "a_b", nested_at: "2026-01-05T09:00:00Z" },
    edited: { customer_name: 3 },
    attention: { awaiting_since: null, messages: 2 },
    external_id: { system: "old_system", id: "a_1" },
  };
  const mine = fromWire("Case", wire);
  assert.deepEqual(mine, {
    customerName: "Ada",
    openedAt: at,
    custom: wire.custom,
    edited: { customer_name: 3 },
    attention: { awaitingSince: null, messages: 2 },
    externalId: wire.external_id,
  });
  assert.deepEqual(toWire("Case", mine), wire);
});

test("a filter holds filters, as deep as one likes", () => {
  const deep = { all: [{ any: [{ exclude: { status: "closed" } }, { all: [] }] }] };
  assert.deepEqual(toWire("CaseFilter", deep), deep);
  assert.throws(() => toWire("CaseFilter", { all: [{ any: [{ exclude: { colour: "red" } }] }] }), /no field `colour`/);
});
