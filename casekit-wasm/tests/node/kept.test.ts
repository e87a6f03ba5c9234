// Databases as older builds of the package wrote them are read, found in, and written on. The files of `tests/databases` are
// never written anew. `first-build.json` is of the package as it was first committed (2acbaee), which had layout 2 already: no build
// ever wrote layout 1.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { connect } from "casekit";
import { openDB } from "idb";
import { STEPS, type Database } from "../../dist/indexeddb/layout.js";
import { refused } from "../support.js";

/** A database: all rows of all its stores. */
interface Kept {
  version: number;
  workspace: string;
  stores: Record<string, object[]>;
}

const folder = new URL("../../tests/databases/", import.meta.url);

for (const file of readdirSync(folder)) {
  test(`the database ${file} is read and written on`, async () => {
    const { version, workspace, stores } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Kept;
    const database = await openDB(file, version, {
      upgrade: (database, _old, _new, transaction) => {
        for (const step of STEPS.slice(0, version)) step(database as unknown as Database, transaction as never);
      },
    });
    for (const [store, rows] of Object.entries(stores)) for (const row of rows) await database.put(store, row);
    database.close();

    const desk = await connect(`indexeddb:${file}`);
    const system = desk.system(workspace);
    const { subject, custom, tags, status, customer } = await system.getCase({ case: 1 });
    assert.deepEqual([subject, custom, tags, status], ["The lamp flickers", { serial_number: "as_7" }, ["dimmer"], "closed"]);
    assert.equal((await system.getCase({ case: 2 })).number, 1, "a merged case leads to the other");
    assert.equal((await refused(system.getCase({ case: 3 }))).kind, "not_found");
    assert.equal((await system.countCases()).count, 1);
    assert.deepEqual((await system.searchCases({ text: "dimmer today" })).found.map((hit) => hit.case.number), [1]);
    const { entries } = await system.readThread({ case: 1 });
    assert.deepEqual(
      entries.map(({ body }) => ("text" in body ? body.text : body.type)).filter((text) => text !== "happening"),
      ["It flickers as soon as I dim it.", "Hello again.", "Batch 7 again.", "call", "We send you a new dimmer today."],
    );
    assert.equal((await desk.customer(workspace, customer).myThread({ case: 1 })).entries.some(({ body }) => "text" in body), true);
    const { seq } = stores["workspaces"]?.[0] as { seq: number };
    const seqs = [];
    for await (const event of desk.events(workspace)) {
      seqs.push(event.seq);
      if (event.seq === seq) break;
    }
    assert.deepEqual(seqs, Array.from({ length: seq }, (_, at) => at + 1));

    await system.reopenCase({ case: 1 });
    await system.undoMerge({ duplicate: 2 });
    assert.equal((await system.openCase({ customer: { email: "carla@example.com" }, subject: "Bulbs" })).customer, customer);
    assert.deepEqual((await system.findCases()).cases.map(({ number }) => number).sort(), [1, 2, 4]);
    await desk.close();
  });
}
