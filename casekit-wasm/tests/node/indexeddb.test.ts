// What the store in IndexedDB promises beyond the port: durable, shared, upgraded, and whole when space runs out.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connect, type Desk } from "casekit";
import { openDB, type IDBPDatabase } from "idb";
import { STEPS, type Database } from "../../dist/indexeddb/layout.js";
import { openCase, opened, refused } from "../support.js";

let databases = 0;
const fresh = () => `shared-${++databases}`;
const open = (name: string): Promise<Desk> => connect(`indexeddb:${name}`);

test("what was committed is there after everything was closed", async () => {
  const name = fresh();
  const { desk, workspace, system } = await opened(await open(name));
  const { id } = await openCase(system, "Lamp");
  await desk.close();
  const again = await open(name);
  const session = again.system(workspace);
  assert.equal((await session.getCase({ case: 1 })).id, id);
  assert.equal((await session.searchCases({ text: "light" })).found.length, 1);
  assert.equal((await openCase(session, "Another")).number, 2);
  await again.close();
});

test("two tabs on one database see what the other does, at once", async () => {
  const name = fresh();
  const one = await opened(await open(name));
  const other = await open(name);
  const there = other.system(one.workspace);
  assert.equal((await there.findCases()).cases.length, 0);
  const { version } = await openCase(one.system, "Lamp");
  assert.equal((await there.findCases()).cases.length, 1);
  await there.patchCase({ case: 1, seen: version, subject: "Lamp, red" });
  assert.equal((await one.system.findCases()).cases[0]?.subject, "Lamp, red");
  const error = await refused(one.system.patchCase({ case: 1, seen: version, subject: "Lamp, blue" }));
  assert.equal(error.kind, "conflict");
  await one.system.deleteCase({ case: 1 });
  assert.deepEqual((await there.findCases()).cases, []);
  await Promise.all([one.desk.close(), other.close()]);
});

test("cases that two tabs open at the same time have numbers without gaps", async () => {
  const name = fresh();
  const one = await opened(await open(name));
  const other = await open(name);
  const sessions = [one.system, other.system(one.workspace)];
  const cases = await Promise.all(Array.from({ length: 20 }, (_, n) => openCase(sessions[n % 2] ?? one.system, `Lamp ${n}`)));
  assert.deepEqual(cases.map(({ number }) => number).sort((a, b) => a - b), Array.from({ length: 20 }, (_, n) => n + 1));
  assert.equal(new Set(cases.map(({ customer }) => customer)).size, 1);
  await Promise.all([one.desk.close(), other.close()]);
});

test("a tab that waits for events is woken by another", async () => {
  const name = fresh();
  const one = await opened(await open(name));
  const other = await open(name);
  const next = other.events(one.workspace, { after: 1 }).next();
  await openCase(one.system, "Lamp");
  assert.equal((await next).value?.operation, "open_case");
  await Promise.all([one.desk.close(), other.close()]);
});

test("a database of every older version is upgraded and keeps what it holds", async () => {
  const source = fresh();
  const { desk, workspace, system } = await opened(await open(source));
  await openCase(system, "Lamp");
  await desk.close();
  for (let version = 1; version < STEPS.length; version++) {
    const name = fresh();
    await copy(source, name, version);
    const upgraded = await open(name);
    const session = upgraded.system(workspace);
    assert.equal((await session.searchCases({ text: "lamp" })).found[0]?.case.subject, "Lamp");
    assert.equal((await openCase(session, "Another")).number, 2);
    await upgraded.close();
  }
});

/** Copies a database into one of an older version. */
async function copy(from: string, to: string, version: number): Promise<void> {
  const source = await openDB(from);
  const target = await openDB(to, version, {
    upgrade: (database, _old, _new, transaction) => {
      for (const step of STEPS.slice(0, version)) step(database as unknown as Database, transaction as never);
    },
  });
  for (const store of source.objectStoreNames) {
    for (const row of await source.getAll(store)) await target.put(store, row);
  }
  source.close();
  target.close();
}

test("a database of a newer version is left alone", async () => {
  const name = fresh();
  (await openDB(name, STEPS.length + 1)).close();
  const error = await refused(open(name));
  assert.deepEqual([error.kind, error.message], ["storage", "the database was written by a newer version of casekit"]);
});

test("a database that is none of casekit is told of", async () => {
  for (let version = 1; version <= STEPS.length; version++) {
    const name = fresh();
    (await openDB(name, version, { upgrade: (database) => void database.createObjectStore("other") })).close();
    const { kind, message } = await refused(open(name));
    assert.deepEqual([kind, message], ["storage", "the database is not one of casekit"]);
    const database = await openDB(name);
    assert.deepEqual([database.version, ...database.objectStoreNames], [version, "other"]);
    database.close();
  }
});

test("a newer version of the page gets the database, and this one says so", async () => {
  const name = fresh();
  const { system } = await opened(await open(name));
  (await openDB(name, STEPS.length + 1)).close();
  const error = await refused(openCase(system, "Lamp"));
  assert.equal(error.kind, "storage");
  assert.match(error.message, /reload the page/);
});

test("an older version that another tab keeps open is not waited for without end, and told of each time", async () => {
  const name = fresh();
  // A page that does not make room.
  const older = await openDB(name, 1, {
    upgrade: (database, _old, _new, transaction) => STEPS[0]?.(database as unknown as Database, transaction as never),
  });
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    for (const _ of [1, 2, 3]) {
      const opening = refused(open(name));
      // Until it waits for the other tab.
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      mock.timers.tick(10_000);
      const error = await opening;
      assert.deepEqual([error.kind, error.retryable], ["unavailable", true]);
      assert.match(error.message, /another tab holds an older version of the database open/);
    }
  } finally {
    mock.timers.reset();
    older.close();
  }
  await (await open(name)).close();
  // And when nobody waited any more when it was granted.
  await (await open(name)).close();
});

test("when space runs out nothing is half-written, wherever it happens", async () => {
  const name = fresh();
  const { desk, workspace, system } = await opened(await open(name));
  await openCase(system, "Lamp");
  const before = await everything(name);
  const put = IDBObjectStore.prototype.put;
  for (let at = 1; ; at++) {
    let written = 0;
    IDBObjectStore.prototype.put = function (...row) {
      if (++written === at) throw new DOMException("the quota is used up", "QuotaExceededError");
      return put.apply(this, row);
    };
    const attempt = openCase(system, "Too much");
    const error = await attempt.then(() => undefined, (thrown: unknown) => thrown);
    IDBObjectStore.prototype.put = put;
    if (error === undefined) {
      assert.ok(at > 5, "several rows are written");
      break;
    }
    const { kind, message, retryable, cause } = await refused(attempt);
    assert.deepEqual([kind, retryable], ["limit", false]);
    assert.match(message, /is full: nothing of the change was kept/);
    assert.ok(cause instanceof Error);
    assert.deepEqual(await everything(name), before);
  }
  const { number } = await system.getCase({ case: 2 });
  assert.equal(number, 2);
  assert.equal((await desk.events(workspace, { after: 2 }).next()).value?.seq, 3);
  await desk.close();
});

test("when the database refuses a row after a while, that is told too", async () => {
  const name = fresh();
  const { desk, system } = await opened(await open(name));
  const before = await everything(name);
  const put = IDBObjectStore.prototype.put;
  let written = 0;
  IDBObjectStore.prototype.put = function (...row) {
    const request = put.apply(this, row);
    // A row that cannot be added is refused by an event, as one is for which there is no space.
    if (++written === 3) this.add(...row);
    return request;
  };
  const error = await refused(openCase(system, "Refused")).finally(() => {
    IDBObjectStore.prototype.put = put;
  });
  assert.equal((error.cause as Error).name, "ConstraintError");
  assert.deepEqual(await everything(name), before);
  await desk.close();
});

async function everything(name: string): Promise<unknown[]> {
  const database: IDBPDatabase = await openDB(name);
  const rows = await Promise.all([...database.objectStoreNames].map((store) => database.getAll(store)));
  database.close();
  return rows;
}

test("answers and deletions are forgotten after two days, and who missed that begins again", async () => {
  const name = fresh();
  const { desk, workspace, system } = await opened(await open(name));
  await openCase(system, "Lamp");
  await openCase(system, "Another");
  const late = await open(name);
  assert.equal((await late.system(workspace).findCases()).cases.length, 2);
  await system.deleteCase({ case: 1 });
  await age(name, 3 * 24 * 60 * 60 * 1000);
  (await open(name)).close();
  const database = await openDB(name);
  assert.equal(await database.count("commits"), 0);
  const rows = (await database.getAll("records")) as Array<{ body: unknown }>;
  assert.ok(rows.every(({ body }) => body !== null));
  database.close();
  assert.deepEqual((await late.system(workspace).findCases()).cases.map(({ subject }) => subject), ["Another"]);
  await Promise.all([desk.close(), late.close()]);
});

test("a large workspace is loaded to its end after something was forgotten", { timeout: 20_000 }, async () => {
  const name = fresh();
  const { desk, workspace, system } = await opened(await open(name));
  for (let n = 0; n < 150; n++) await openCase(system, `Lamp ${n}`);
  await system.deleteCase({ case: 150 });
  await desk.close();
  await age(name, 3 * 24 * 60 * 60 * 1000);
  (await open(name)).close();
  const again = await open(name);
  assert.equal((await again.system(workspace).countCases()).count, 149);
  await again.close();
});

/** Makes everything in a database older. */
async function age(name: string, milliseconds: number): Promise<void> {
  const database = await openDB(name);
  for (const [store, field] of [["commits", "at"], ["records", "deleted"]] as const) {
    for (const row of (await database.getAll(store)) as Array<Record<string, number>>) {
      if (row[field] !== undefined) await database.put(store, { ...row, [field]: row[field] - milliseconds });
    }
  }
  database.close();
}

test("without IndexedDB one is told so", async () => {
  const { indexedDB } = globalThis;
  Reflect.deleteProperty(globalThis, "indexedDB");
  try {
    const error = await refused(open("nowhere"));
    assert.deepEqual([error.kind, error.message], ["unsupported", "there is no IndexedDB here"]);
  } finally {
    globalThis.indexedDB = indexedDB;
  }
});

