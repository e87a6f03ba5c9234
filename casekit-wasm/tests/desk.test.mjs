import assert from "node:assert/strict";
import { test } from "node:test";
import { Desk } from "casekit";
import { replayable } from "casekit/testing";
import { ScriptedStore, caller, desks, system } from "./support.mjs";

async function opened(makeDesk, options) {
  const desk = makeDesk(options);
  await desk.migrate();
  const workspace = desk.newId();
  const call = caller(desk, workspace);
  await call("create_workspace", { name: "Lamps" });
  return { desk, workspace, call };
}

function openCase(call, subject) {
  return call("open_case", {
    customer: { name: "Ada", email: "ada@example.org" },
    subject,
    message: { by: "customer", message: { text: "The lamp does not light up." } },
  });
}

for (const [where, makeDesk] of Object.entries(desks)) {
  test(`a case is opened and read back, ${where}`, async () => {
    const { call } = await opened(makeDesk);
    const { number } = await openCase(call, "Lamp");
    assert.equal(number, 1);
    const shown = await call("get_case", { case: 1 });
    assert.match(JSON.stringify(shown), /"subject":"Lamp"/);
  });

  test(`calls overlap, and none is lost or doubled, ${where}`, async () => {
    const { call } = await opened(makeDesk);
    const cases = await Promise.all(
      Array.from({ length: 20 }, (_, n) => openCase(call, `Lamp ${n}`)),
    );
    const numbers = cases.map((opened) => opened.number).sort((a, b) => a - b);
    assert.deepEqual(numbers, Array.from({ length: 20 }, (_, n) => n + 1));
  });

  test(`events are waited for, ${where}`, async () => {
    const { desk, workspace, call } = await opened(makeDesk);
    const first = JSON.parse(await desk.nextEvent(workspace, 0));
    assert.deepEqual([first.seq, first.operation], [1, "create_workspace"]);
    const awaited = desk.nextEvent(workspace, first.seq);
    await openCase(call, "Lamp");
    assert.equal(JSON.parse(await awaited).seq, 2);
  });

  test(`an error has its kind, ${where}`, async () => {
    const { desk, workspace, call } = await opened(makeDesk);
    const rejected = (promise, kind) =>
      assert.rejects(promise, (error) => {
        assert.ok(error instanceof Error);
        assert.equal(error.name, "CasekitError");
        assert.equal(error.kind, kind, error.message);
        assert.equal(error.retryable, false);
        return true;
      });
    await rejected(call("get_case", { case: 404 }), "not_found");
    await rejected(call("no_such_operation", {}), "invalid");
    await rejected(call("get_case", { number: "one" }), "invalid");
    await rejected(desk.call(workspace, "nobody", "get_case", "{}"), "invalid");
    await rejected(desk.call("here", JSON.stringify(system), "get_case", "{}"), "invalid");
    await rejected(desk.nextEvent(workspace, -1), "invalid");
    const stranger = { type: "customer", id: desk.newId() };
    await rejected(caller(desk, workspace, stranger)("get_case", { case: 1 }), "invalid");
  });

  test(`with the same clock and ids everything is the same, ${where}`, async () => {
    const run = async () => {
      const { call } = await opened(makeDesk, replayable());
      const { id } = await openCase(call, "Lamp");
      assert.match(id, /^019b8d62-7a80-7000-8000-/);
      return call("get_case", { case: 1 });
    };
    assert.deepEqual(await run(), await run());
  });
}

test("every call goes through the store in JavaScript", async () => {
  const store = new ScriptedStore();
  const { call } = await opened(() => Desk.on(store));
  await openCase(call, "Lamp");
  assert.equal(store.calls.migrate, 1);
  assert.equal(store.calls.commit, 2);
  assert.ok(store.calls.load >= 2);
});

test("what a store in JavaScript throws arrives as an error that says so", async () => {
  class Broken extends ScriptedStore {
    load() {
      throw new TypeError("the disk is on fire");
    }
    async commit() {
      throw Object.assign(new Error("the quota is used up"), { kind: "limit" });
    }
    find() {
      return 42;
    }
  }
  const desk = Desk.on(new Broken());
  const call = caller(desk, desk.newId());
  await assert.rejects(call("create_workspace", { name: "Lamps" }), {
    kind: "bug",
    message: "the host's store failed in `load`: the disk is on fire",
  });
  Broken.prototype.load = ScriptedStore.prototype.load;
  await assert.rejects(call("create_workspace", { name: "Lamps" }), {
    kind: "limit",
    message: "the quota is used up",
  });
});

test("a clock that gives no time and ids that are none are refused", () => {
  const desk = (options) => () => desks["in memory"](options);
  assert.throws(desk({ now: () => "noon" }), { kind: "invalid", message: /`now`/ });
  assert.throws(desk({ newId: () => 42 }), { kind: "invalid", message: /`newId`/ });
  assert.throws(desk({ newId: () => "one" }), { kind: "invalid", message: /`newId`/ });
});
