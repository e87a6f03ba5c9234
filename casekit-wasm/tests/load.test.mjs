import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "casekit";

test("ids are UUIDs of version 7 that sort by time", () => {
  const [first, second] = [newId(), newId()];
  assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(first < second);
});
