// The conformance kit on every store of the package, on one written from nothing, and on broken ones.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialise, MemoryStore, type HostStore } from "casekit";
import { IndexedDbStore, runStoreConformance, type ConformanceReport } from "casekit/testing";
import { ArrayStore } from "../array-store.js";
import { behaviours } from "../behaviours.js";
import { ScriptedStore } from "../support.js";

await initialise();

let made = 0;
const stores: Record<string, () => HostStore> = {
  "in memory": () => new MemoryStore(),
  "that passes on": () => new ScriptedStore(),
  "of one list": () => new ArrayStore(),
  "in IndexedDB": () => new IndexedDbStore(`conformance-${++made}`),
  "in one database of IndexedDB": () => new IndexedDbStore("conformance"),
};

function assertConformant({ passed, failed }: ConformanceReport): void {
  assert.deepEqual(failed, []);
  assert.deepEqual(passed.sort(), behaviours);
}

for (const [name, makeStore] of Object.entries(stores)) {
  test(`the store ${name} has every behaviour`, async () => {
    assertConformant(await runStoreConformance(makeStore));
  });
}

/** Stores that break one promise, and the behaviour that shows it. */
const broken: Array<[string, (store: ArrayStore) => Partial<HostStore>]> = [
  ["commit_refuses_stale", (store) => ({ commit: (set) => store.commitUnchecked(set) })],
  ["feed_bounds_the_page", (store) => ({ feed: (workspace, after) => store.feed(workspace, after, 100) })],
  ["load_answers_in_order", (store) => ({ load: (lookups) => JSON.stringify(JSON.parse(store.load(lookups)).reverse()) })],
  ["wait_wakes", () => ({ wait: () => new Promise(() => undefined) })],
];
for (const [behaviour, breaking] of broken) {
  test(`a store without ${behaviour} is found out`, async () => {
    const makeStore = () => {
      const store = new ArrayStore();
      return Object.assign(store, breaking(store));
    };
    const { failed } = await runStoreConformance(makeStore, { patience: 500, only: (name) => name === behaviour });
    assert.deepEqual(failed.map(({ name }) => name), [behaviour]);
    assert.notEqual(failed[0]?.failure, "");
  });
}
