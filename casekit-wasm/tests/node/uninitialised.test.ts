// Node runs each file of tests in a process of its own: here nothing is initialised yet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialise, MemoryStore } from "casekit";
import { evalQuery } from "casekit/store";
import { refused } from "../support.js";

test("what needs the native half says that it is not there yet", async () => {
  for (const use of [() => new MemoryStore(), () => evalQuery("{}", "[]")]) {
    const error = await refused(use);
    assert.equal(error.kind, "invalid");
    assert.match(error.message, /casekit is not initialised yet: await `initialise\(\)` or `connect\(…\)` first/);
  }
});

test("a file that is no wasm is refused, and the right one can be given afterwards", async () => {
  const error = await refused(initialise(new Uint8Array([1, 2, 3])));
  assert.equal(error.kind, "unavailable");
  assert.ok(error.cause instanceof Error);
  await initialise();
  assert.ok(new MemoryStore());
});
