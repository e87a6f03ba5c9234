// What the store in IndexedDB does when the browser closes, delays or damages what it stands on.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connect, type Desk } from "casekit";
import { forceCloseDatabase } from "fake-indexeddb";
import { openDB } from "idb";
import { STEPS } from "../../dist/indexeddb/layout.js";
import { Mirror } from "../../pkg/casekit.js";
import { openCase, opened, refused } from "../support.js";

let databases = 0;
const fresh = () => `connection-${++databases}`;
const open = (name: string): Promise<Desk> => connect(`indexeddb:${name}`);

/** The connections that were opened, as the browser has them. */
const connections: IDBDatabase[] = [];
const openInBrowser = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...given) {
  const request = openInBrowser.apply(this, given);
  request.addEventListener("success", () => connections.push(request.result));
  return request;
};

function last(): IDBDatabase {
  const connection = connections.at(-1);
  assert.ok(connection);
  return connection;
}

const endings: Record<string, (connection: IDBDatabase) => void> = {
  "and tells of it": (connection) => forceCloseDatabase(connection as never),
  "without telling": (connection) => connection.close(),
  "under what is done": closeUnderWay,
};

/** Does as browsers do: they abort what is under way, and tell after that that they have closed the connection. */
function closeUnderWay(): void {
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...given) {
    IDBDatabase.prototype.transaction = begin;
    const transaction = begin.apply(this, given);
    transaction.addEventListener("abort", () => setImmediate(() => forceCloseDatabase(this as never)));
    queueMicrotask(() => transaction.abort());
    return transaction;
  };
}

for (const [how, end] of Object.entries(endings)) {
  test(`when the browser closes the connection ${how}, another is opened`, async () => {
    const { desk, workspace, system } = await opened(await open(fresh()));
    const { version } = await openCase(system, "Lamp");
    const calls = [
      () => system.getCase({ case: 1 }),
      () => system.patchCase({ case: 1, seen: version, subject: "Lamp, red" }),
      () => system.findCases().then(),
      () => system.countCases(),
      () => desk.events(workspace).next(),
      () => desk.health(),
    ];
    for (const call of calls) {
      end(last());
      // Two at once share what is opened.
      await Promise.all([call(), desk.health()]);
    }
    assert.equal((await system.findCases()).cases[0]?.subject, "Lamp, red");
    assert.equal(connections.length, calls.length + 1);
    await desk.close();
    connections.length = 0;
  });
}

test("when the browser closes every connection, that is told, and can be tried again", async () => {
  const { desk, system } = await opened(await open(fresh()));
  last().close();
  const recording = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...given) {
    const request = openInBrowser.apply(this, given);
    request.addEventListener("success", () => request.result.close());
    return request;
  };
  const error = await refused(system.getWorkspace()).finally(() => {
    IDBFactory.prototype.open = recording;
  });
  assert.deepEqual([error.kind, error.retryable], ["unavailable", true]);
  assert.match(error.message, /was closed by the browser/);
  assert.equal((await system.getWorkspace()).name, "Lamps");
  await desk.close();
});

test("who waits for events when the browser closes the connection goes on waiting", async () => {
  const { desk, workspace, system } = await opened(await open(fresh()));
  const next = desk.events(workspace, { after: 1 }).next();
  await pause();
  forceCloseDatabase(last() as never);
  await pause();
  await openCase(system, "Lamp");
  assert.equal((await next).value?.operation, "open_case");
  await desk.close();
});

test("who waits for events looks again at once when the browser closes the connection", { timeout: 5_000 }, async () => {
  const name = fresh();
  const { desk, workspace } = await opened(await open(name));
  const connection = last();
  const other = await open(name);
  const next = desk.events(workspace, { after: 1 }).next();
  await pause();
  const postMessage = BroadcastChannel.prototype.postMessage;
  BroadcastChannel.prototype.postMessage = () => undefined;
  await openCase(other.system(workspace), "Lamp").finally(() => {
    BroadcastChannel.prototype.postMessage = postMessage;
  });
  forceCloseDatabase(connection as never);
  assert.equal((await next).value?.operation, "open_case");
  await Promise.all([desk.close(), other.close()]);
});

const after: Record<string, (desk: Desk, workspace: string) => Promise<unknown>> = {
  "nothing is there": async () => undefined,
  "the workspace is created again": (desk, workspace) => desk.system(workspace).createWorkspace({ name: "Lamps" }),
};
for (const [what, then] of Object.entries(after)) {
  test(`who follows the events of a database that was cleared is told, when ${what}`, { timeout: 5_000 }, async () => {
    const name = fresh();
    const { desk, workspace, system } = await opened(await open(name));
    const connection = last();
    await openCase(system, "Lamp");
    const [newest] = (await system.readAudit({ limit: 1, direction: "descending" })).events;
    const error = refused(desk.events(workspace, { after: newest?.seq ?? 0 }).next());
    await pause();
    await clear(name);
    forceCloseDatabase(connection as never);
    await then(desk, workspace);
    const { kind, message } = await error;
    assert.deepEqual([kind, message], ["storage", `there is no event ${newest?.seq}: the data was cleared, reload the page`]);
    await desk.close();
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

async function clear(name: string): Promise<void> {
  const database = await openDB(name);
  for (const store of database.objectStoreNames) await database.clear(store);
  database.close();
}

test("the copies of workspaces are freed when a connection ends", async () => {
  const free = mock.method(Mirror.prototype, "free");
  const { desk, system } = await opened(await open(fresh()));
  await openCase(system, "Lamp");
  await system.countCases();
  assert.equal(free.mock.callCount(), 0);
  const counting = system.countCases();
  forceCloseDatabase(last() as never);
  assert.equal((await counting).count, 1);
  await pause();
  assert.equal(free.mock.callCount(), 1);
  await system.countCases();
  await desk.close();
  await pause();
  assert.equal(free.mock.callCount(), 2);
  free.mock.restore();
});

test("what another database holds is not mixed with what was seen of one that was cleared", async () => {
  const name = fresh();
  const { desk, workspace, system } = await opened(await open(name));
  await openCase(system, "Lamp");
  assert.equal((await system.countCases()).count, 1);
  forceCloseDatabase(last() as never);
  await clear(name);
  await system.createWorkspace({ name: "Lamps" });
  assert.equal((await system.countCases()).count, 0);
  assert.equal((await openCase(desk.system(workspace), "Another")).number, 1);
  assert.deepEqual((await system.findCases()).cases.map(({ subject }) => subject), ["Another"]);
  await desk.close();
});

test("who waits for events when a newer version of the page takes over is told at once", { timeout: 5_000 }, async () => {
  const name = fresh();
  const { desk, workspace } = await opened(await open(name));
  const next = refused(desk.events(workspace, { after: 1 }).next());
  await pause();
  (await openDB(name, STEPS.length + 1)).close();
  const error = await next;
  assert.equal(error.kind, "storage");
  assert.match(error.message, /reload the page/);
  await desk.close();
});

test("a page that may not use a database is told so, and not to try again", async () => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = () => {
    throw new DOMException("access is denied", "SecurityError");
  };
  const error = await refused(connect("indexeddb:forbidden")).finally(() => {
    IDBFactory.prototype.open = open;
  });
  assert.deepEqual([error.kind, error.retryable], ["unsupported", false]);
  assert.match(error.message, /does not let this page use a database/);
});

test("a database that opens slowly is not blamed on another tab", async () => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = () => new IDBOpenDBRequest();
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const opening = refused(connect("indexeddb:slow"));
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    mock.timers.tick(30_000);
    const error = await opening;
    assert.deepEqual([error.kind, error.retryable], ["unavailable", true]);
    assert.equal(error.message, "the browser has not opened the database within 30 s");
  } finally {
    mock.timers.reset();
    IDBFactory.prototype.open = open;
  }
});

test("a record that cannot be read is told of each time, and hides none after it", async () => {
  const name = fresh();
  const { desk, workspace, system } = await opened(await open(name));
  const { id } = await openCase(system, "Lamp");
  for (const subject of ["Another", "A third"]) await openCase(system, subject);
  await desk.close();
  const mend = await damage(name, "case/");
  const again = await open(name);
  const session = again.system(workspace);
  for (const _ of [1, 2]) {
    const error = await refused(async () => session.findCases());
    assert.deepEqual([error.kind, error.message], ["storage", "a stored case cannot be read"]);
  }
  const error = await refused(session.getCase({ case: id }));
  assert.deepEqual([error.kind, error.message], ["storage", "a stored record cannot be read"]);
  await mend();
  assert.equal((await session.countCases()).count, 3);
  await again.close();
});

test("an event that cannot be read is told of", async () => {
  const name = fresh();
  const { desk, workspace, system } = await opened(await open(name));
  await openCase(system, "Lamp");
  const mend = await damage(name, "event/");
  const error = await refused(desk.events(workspace).next());
  assert.deepEqual([error.kind, error.message], ["storage", "a stored event cannot be read"]);
  await mend();
  await desk.close();
});

/** Damages the first record of a kind in a database; gives how to mend it. */
async function damage(name: string, kind: string): Promise<() => Promise<void>> {
  const database = await openDB(name);
  const rows = (await database.getAll("records")) as Array<{ place: string }>;
  const row = rows.find(({ place }) => place.startsWith(kind));
  await database.put("records", { ...row, body: "{" });
  return async () => {
    await database.put("records", row);
    database.close();
  };
}

test("a desk opens although nothing can be tidied up", async () => {
  const name = fresh();
  await (await open(name)).close();
  const getAllKeys = IDBIndex.prototype.getAllKeys;
  IDBIndex.prototype.getAllKeys = () => {
    throw new DOMException("the disk is full", "QuotaExceededError");
  };
  try {
    const { desk, system } = await opened(await open(name));
    assert.equal((await openCase(system, "Lamp")).number, 1);
    await desk.close();
  } finally {
    IDBIndex.prototype.getAllKeys = getAllKeys;
  }
});

test("however many answers are old, all are forgotten; and those that grow old while a tab is open", async () => {
  const name = fresh();
  const { desk, system } = await opened(await open(name));
  await fill(name, 1_500);
  const other = await open(name);
  await eventually(async () => (await answers(name)) === 1);
  await other.close();
  await fill(name, 10);
  await openCase(system, "Lamp");
  for (let n = 0; n < 998; n++) await system.addNote({ case: 1, text: `${n}` });
  await eventually(async () => (await answers(name)) === 1_000);
  await desk.close();
});

/** Puts old answers into a database. */
async function fill(name: string, count: number): Promise<void> {
  const database = await openDB(name);
  const transaction = database.transaction("commits", "readwrite");
  for (let n = 0; n < count; n++) void transaction.store.put({ workspace: "old", id: `${n}`, answer: "{}", at: n });
  await transaction.done;
  database.close();
}

async function answers(name: string): Promise<number> {
  const database = await openDB(name);
  const count = await database.count("commits");
  database.close();
  return count;
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail("it did not come to that");
}

test("who waits looks again after a while, should a message of another tab be lost", async () => {
  const name = fresh();
  const { desk, workspace } = await opened(await open(name));
  const other = await open(name);
  const postMessage = BroadcastChannel.prototype.postMessage;
  BroadcastChannel.prototype.postMessage = () => undefined;
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let isTold = false;
    const next = desk.events(workspace, { after: 1 }).next().finally(() => (isTold = true));
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    await openCase(other.system(workspace), "Lamp");
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    assert.equal(isTold, false);
    mock.timers.tick(20_000);
    assert.equal((await next).value?.operation, "open_case");
  } finally {
    mock.timers.reset();
    BroadcastChannel.prototype.postMessage = postMessage;
  }
  await Promise.all([desk.close(), other.close()]);
});
