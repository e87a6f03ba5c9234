import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { CasekitError, connect } from "casekit";
import { replayable } from "casekit/testing";
import { ada, desks, openCase, opened, refused, ScriptedStore } from "../support.js";

for (const [where, makeDesk] of Object.entries(desks)) {
  test(`a case is opened and read back, ${where}`, async () => {
    const { desk, workspace, system } = await opened(await makeDesk());
    const before = Date.now();
    const { number, openedAt, customer } = await openCase(system, "Lamp");
    assert.equal(number, 1);
    assert.ok(openedAt instanceof Date && openedAt.getTime() >= before - 1 && openedAt.getTime() <= Date.now());
    const shown = await system.getCase({ case: 1 });
    assert.deepEqual([shown.subject, shown.customerName, shown.closing], ["Lamp", "Ada", null]);
    assert.deepEqual(shown.attention.awaitingSince, openedAt);
    const [entry] = (await system.readThread({ case: 1 })).entries.filter(({ body }) => body.type === "message");
    assert.ok(entry?.body.type === "message");
    assert.equal(entry.body.text, "The lamp does not light up.");
    const mine = await desk.customer(workspace, customer).myCases();
    assert.deepEqual(mine.cases.map(({ subject }) => subject), ["Lamp"]);
    await desk.close();
  });

  test(`names of custom fields are data and stay as they are, ${where}`, async () => {
    const { desk, system } = await opened(await makeDesk());
    await system.defineField({ target: "case", key: "serial_number", label: "Serial number", holds: { type: "text" } });
    const custom = { serial_number: "as_7" };
    const found = await system.openCase({ customer: ada, subject: "Lamp", custom });
    assert.deepEqual(found.custom, custom);
    const externalIds = { other_system: "a_1" };
    const customer = await system.createCustomer({ name: "Bo", externalIds });
    assert.deepEqual(customer.externalIds, externalIds);
    await desk.close();
  });

  test(`calls overlap, and none is lost or doubled, ${where}`, async () => {
    const { desk, system } = await opened(await makeDesk());
    const cases = await Promise.all(Array.from({ length: 20 }, (_, n) => openCase(system, `Lamp ${n}`)));
    const numbers = cases.map(({ number }) => number).sort((a, b) => a - b);
    assert.deepEqual(numbers, Array.from({ length: 20 }, (_, n) => n + 1));
    await desk.close();
  });

  test(`lists are awaited by the page, and iterated over to their end, ${where}`, async () => {
    const { desk, system } = await opened(await makeDesk());
    for (let n = 0; n < 7; n++) await openCase(system, `Lamp ${n}`);
    const page = await system.findCases({ limit: 3, sort: "number", direction: "ascending" });
    assert.deepEqual(page.cases.map(({ number }) => number), [1, 2, 3]);
    assert.equal(typeof page.next, "string");
    const numbers = [];
    for await (const { number } of system.findCases({ limit: 3, sort: "number", direction: "ascending" })) numbers.push(number);
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7]);
    const found = [];
    for await (const { case: hit } of system.searchCases({ text: "lamp", limit: 2 })) found.push(hit.number);
    assert.deepEqual(found.sort(), numbers);
    await desk.close();
  });

  test(`events are waited for, each once, until the desk is closed, ${where}`, async () => {
    const { desk, workspace, system } = await opened(await makeDesk());
    const seen: Array<[number, string]> = [];
    const following = (async () => {
      for await (const { seq, operation, at } of desk.events(workspace)) {
        assert.ok(at instanceof Date);
        seen.push([seq, operation]);
        if (operation === "add_note") await desk.close();
      }
    })();
    await openCase(system, "Lamp");
    await system.addNote({ case: 1, text: "Which lamp?" });
    await following;
    assert.deepEqual(seen.map(([seq]) => seq), seen.map((_, at) => at + 1));
    assert.deepEqual([seen[0]?.[1], seen.at(-1)?.[1]], ["create_workspace", "add_note"]);
  });

  test(`waiting for events ends by a signal, and is resumed, ${where}`, async () => {
    const { desk, workspace, system } = await opened(await makeDesk());
    const controller = new AbortController();
    let last = 0;
    const following = (async () => {
      for await (const { seq } of desk.events(workspace, { signal: controller.signal })) last = seq;
    })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    await assert.rejects(following, { name: "AbortError" });
    assert.equal(last, 1);
    await openCase(system, "Lamp");
    const next = await desk.events(workspace, { after: last }).next();
    assert.equal(next.value?.seq, 2);
    await assert.rejects(desk.events(workspace, { signal: AbortSignal.abort() }).next(), { name: "AbortError" });
    await desk.close();
  });

  test(`with the same clock and ids everything is the same, ${where}`, async () => {
    const run = async () => {
      const { desk, system } = await opened(await makeDesk(replayable()));
      const { id } = await openCase(system, "Lamp");
      assert.match(id, /^019b8d62-7a80-7000-8000-/);
      const found = await system.getCase({ case: 1 });
      await desk.close();
      return found;
    };
    assert.deepEqual(await run(), await run());
  });

  test(`a desk is closed once, by \`await using\` too, ${where}`, async () => {
    const desk = await makeDesk();
    await desk.health();
    await desk[Symbol.asyncDispose]();
    await desk.close();
    assert.equal(desk.closed, true);
    const error = await refused(desk.health());
    assert.deepEqual([error.kind, error.message], ["invalid", "the desk is closed"]);
  });
}

test("a clock that stands still goes on when it is told to, whether it is taken apart or whole", async () => {
  const { now, newId, advance } = replayable(0);
  advance(7);
  assert.equal(now(), 7);
  assert.equal(newId(7), "00000000-0007-7000-8000-000000000001");
  const world = replayable();
  const { desk, system } = await opened(await connect("memory:", world));
  world.advance(1_000);
  assert.equal((await openCase(system, "Lamp")).updatedAt.toISOString(), "2026-01-05T09:00:01.000Z");
  await desk.close();
});

test("every call goes through the store in JavaScript", async () => {
  const store = new ScriptedStore();
  const { system } = await opened(await connect(store));
  await openCase(system, "Lamp");
  assert.deepEqual([store.calls["migrate"], store.calls["commit"]], [1, 2]);
  assert.ok((store.calls["load"] ?? 0) >= 2);
});

test("a customer sees what is public, and nothing else", async () => {
  const { desk, workspace, system } = await opened(await connect("memory:"));
  const { id, customer } = await openCase(system, "Lamp");
  await system.addNote({ case: id, text: "a difficult customer" });
  const session = desk.customer(workspace, customer);
  const { entries } = await session.myThread({ case: id });
  assert.doesNotMatch(JSON.stringify(entries), /difficult/);
  const error = await refused(session.call("read_thread", { case: id }));
  assert.equal(error.kind, "invalid");
  assert.ok(error instanceof CasekitError && error instanceof Error);
});
