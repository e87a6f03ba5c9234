// Events are waited for without holding up the page, and the waiting can be left.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "casekit";
import { ArrayStore } from "../array-store.js";
import { desks, openCase, opened } from "../support.js";

/** How often a store may be asked before one must say that it is asked all the time. */
const TOO_OFTEN = 1_000;

test("a store that ends waits too early does not hold up the page", async () => {
  let waits = 0;
  const wait = () => {
    waits += 1;
    if (waits > TOO_OFTEN) throw new Error("it is asked all the time");
  };
  const { desk, workspace, system } = await opened(await connect(Object.assign(new ArrayStore(), { wait })));
  const next = desk.events(workspace, { after: 1 }).next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(waits > 1 && waits < 20, `${waits} waits`);
  await openCase(system, "Lamp");
  assert.equal((await next).value?.operation, "open_case");
  await desk.close();
});

for (const [where, makeDesk] of Object.entries(desks)) {
  test(`waiting for an event is left at once, ${where}`, { timeout: 5_000 }, async () => {
    const { desk, workspace, system } = await opened(await makeDesk());
    const events = desk.events(workspace, { after: 1 });
    const next = events.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await events.return(), { value: undefined, done: true });
    assert.deepEqual(await next, { value: undefined, done: true });
    await openCase(system, "Lamp");
    assert.equal((await events.next()).done, true);
    await desk.close();
  });
}
