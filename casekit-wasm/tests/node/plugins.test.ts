// Plugins of the host that throw, give nonsense, or never answer: an error that carries what was thrown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CasekitError, connect, MemoryStore, type DeskOptions, type HostStore, type Policy } from "casekit";
import { ada, openCase, opened, refused, ScriptedStore } from "../support.js";

const fire = new TypeError("the disk is on fire");

const methods = ["commit", "load", "find", "aggregate", "feed"] as const;
const calls: Record<(typeof methods)[number], (store: HostStore, options?: DeskOptions) => Promise<unknown>> = {
  commit: async (store, options) => (await opened(await connect(store, options))).system,
  load: async (store, options) => (await opened(await connect(store, options))).system,
  find: async (store, options) => system(store, options).then((session) => session.findCases()),
  aggregate: async (store, options) => system(store, options).then((session) => session.countCases()),
  feed: async (store, options) => {
    const desk = await connect(store, options);
    return desk.events(desk.newId()).next();
  },
};

async function system(store: HostStore, options?: DeskOptions) {
  return (await opened(await connect(store, options))).system;
}

/** A store that does something else in one method. */
function otherwise(method: keyof HostStore, does: () => unknown): HostStore {
  return Object.assign(new ScriptedStore(), { [method]: does }) as unknown as HostStore;
}

for (const method of methods) {
  const call = calls[method];
  test(`a store that throws in \`${method}\` is told of`, () => assertTold(method, call));

  test(`a store that never answers \`${method}\` is not waited for`, async () => {
    const error = await refused(call(otherwise(method, () => new Promise(() => undefined)), { patience: 20 }));
    assert.deepEqual([error.kind, error.retryable], ["unavailable", true]);
    assert.equal(error.message, `the store has not answered \`${method}\` within 20 ms`);
  });

  test(`a store that gives nonsense from \`${method}\` is told of`, async () => {
    for (const nonsense of [42, undefined, "no JSON", "{}", null]) {
      const error = await refused(call(otherwise(method, () => nonsense)));
      assert.equal(error.kind, "bug");
      assert.ok(error.message.includes(`\`${method}\``), error.message);
    }
  });
}

test("a store that throws in `wait` is told of", () =>
  assertTold("wait", async (store) => {
    const { desk, workspace } = await opened(await connect(store));
    return desk.events(workspace, { after: 1 }).next();
  }));

test("a store that throws in `close` is told of", () => assertTold("close", async (store) => (await connect(store)).close()));

async function assertTold(method: keyof HostStore, call: (store: HostStore) => Promise<unknown>): Promise<void> {
  for (const thrown of [() => { throw fire; }, () => Promise.reject(fire)]) {
    const error = await refused(call(otherwise(method, thrown)));
    assert.equal(error.kind, "bug");
    assert.equal(error.message, `the host's store failed in \`${method}\`: the disk is on fire`);
    assert.equal(error.cause, fire);
  }
}

test("closing a desk does not wait without end for a store that never closes", { timeout: 5_000 }, async () => {
  const desk = await connect(otherwise("close", () => new Promise(() => undefined)), { patience: 20 });
  const error = await refused(desk.close());
  assert.deepEqual([error.kind, error.message], ["unavailable", "the store has not answered `close` within 20 ms"]);
});

test("a store on which no desk can be opened is closed", async () => {
  const failing: Array<[object, object, RegExp]> = [
    [{ migrate: () => Promise.reject(fire) }, {}, /on fire/],
    [{ find: undefined }, {}, /no method `find`/],
    [{}, { now: fail }, /`now` must give/],
    [{}, { polcy: {} }, /no option `polcy`/],
    [{}, { patience: 0 }, /`patience` must be/],
  ];
  for (const [wrong, options, told] of failing) {
    let closed = 0;
    const close = () => {
      closed += 1;
      throw new Error("what closing adds is not told");
    };
    const error = await refused(connect(Object.assign(new ScriptedStore(), wrong, { close }), options as DeskOptions));
    assert.match(error.message, told);
    assert.equal(closed, 1);
  }
});

test("what a store built on the one in memory does otherwise is done", async () => {
  let commits = 0;
  class Counting extends MemoryStore {
    override commit(set: string): Promise<string> {
      commits += 1;
      return super.commit(set);
    }
  }
  await opened(await connect(new Counting()));
  assert.equal(commits, 1);
});

test("a store that throws an error of casekit keeps its kind, and its cause", async () => {
  const full = new CasekitError("limit", "the quota is used up", { details: { bytes: 7 } });
  const error = await refused(calls.commit(otherwise("commit", () => Promise.reject(full))));
  assert.deepEqual([error.kind, error.message, error.details], ["limit", "the quota is used up", { bytes: 7 }]);
  assert.equal(error.cause, full);
});

test("whether what a store throws can be tried again is for it to say", async () => {
  for (const [kind, retryable] of [["storage", true], ["unavailable", false]] as const) {
    const thrown = new CasekitError(kind, "the disk is away", { retryable });
    const error = await refused(calls.load(otherwise("load", () => Promise.reject(thrown))));
    assert.deepEqual([error.kind, error.retryable], [kind, retryable]);
  }
});

test("what is thrown and no error arrives as well", async () => {
  for (const thrown of ["smoke", { message: "smoke" }]) {
    const error = await refused(calls.load(otherwise("load", () => Promise.reject(thrown))));
    assert.equal(error.message, "the host's store failed in `load`: smoke");
    assert.equal(error.cause, thrown);
  }
});

test("a store that throws in `migrate` opens no desk", async () => {
  const error = await refused(connect(otherwise("migrate", () => Promise.reject(fire))));
  assert.deepEqual([error.kind, error.cause], ["bug", fire]);
});

test("a clock and ids that do not work are refused when they are given", async () => {
  const wrong = (options: object) => refused(connect("memory:", options as DeskOptions));
  for (const time of ["noon", null, undefined, "7", [], true, new Date(Number.NaN)]) {
    assert.match((await wrong({ now: () => time })).message, /`now`/);
  }
  assert.match((await wrong({ newId: () => 42 })).message, /`newId`/);
  assert.match((await wrong({ newId: () => "one" })).message, /`newId`/);
  for (const options of [{ now: () => { throw fire; } }, { newId: () => { throw fire; } }]) {
    const error = await wrong(options);
    assert.deepEqual([error.kind, error.cause], ["invalid", fire]);
  }
});

// Of the second kind the engine sends commits again.
const failures = [
  ["an error", fire, "bug", /the host's (clock|ids) failed: the disk is on fire/],
  ["that it is unavailable", new CasekitError("unavailable", "come back later"), "unavailable", /^come back later$/],
] as const;

for (const plugin of ["now", "newId"] as const) {
  for (const [what, thrown, kind, message] of failures) {
    test(`when \`${plugin}\` throws ${what} later, nothing is committed, and the error carries it`, async () => {
      let failed = 0;
      let isBroken = false;
      const breaking = <T>(gives: () => T) => () => {
        if (!isBroken) return gives();
        failed += 1;
        throw thrown;
      };
      const store = new ScriptedStore();
      const options = plugin === "now" ? { now: breaking(Date.now) } : { newId: breaking(crypto7) };
      const { system } = await opened(await connect(store, options));
      const commits = store.calls["commit"];
      isBroken = true;
      const error = await refused(openCase(system, "Lamp"));
      assert.deepEqual([error.kind, error.cause, failed], [kind, thrown, 1]);
      assert.match(error.message, message);
      assert.equal(store.calls["commit"], commits);
      isBroken = false;
      assert.equal((await openCase(system, "Lamp")).number, 1);
    });
  }
}

function fail(): never {
  throw fire;
}

function crypto7(): string {
  const head = Date.now().toString(16).padStart(12, "0");
  const tail = crypto.randomUUID().slice(15);
  return `${head.slice(0, 8)}-${head.slice(8)}-7${tail}`;
}

async function deskWith(policy: Policy) {
  const { desk, workspace } = await opened(await connect("memory:", { policy }));
  return { desk, workspace, system: desk.system(workspace) };
}

test("a policy decides, and is told who asks for what, about which case", async () => {
  const asked: string[] = [];
  const { system } = await deskWith({
    decide: ({ actor, operation, access, case: about }) => {
      asked.push(`${actor.type} ${operation} ${access} ${about?.subject} ${about?.openedAt instanceof Date}`);
      if (about?.tags.includes("secret")) throw new CasekitError("denied", "hands off");
    },
  });
  await system.openCase({ customer: ada, subject: "Lamp" });
  assert.ok(asked.includes("system open_case work Lamp true"), asked.join("\n"));
  const error = await refused(system.openCase({ customer: ada, subject: "Safe", tags: ["secret"] }));
  assert.deepEqual([error.kind, error.message], ["denied", "hands off"]);
});

test("a policy narrows lists and counts", async () => {
  const hidden = { not: { field: { field: "tags", is: "equal", value: { text: "secret" } } } } as const;
  const { system } = await deskWith({ decide: () => undefined, cases: () => hidden });
  await system.openCase({ customer: ada, subject: "Lamp" });
  await system.openCase({ customer: ada, subject: "Safe", tags: ["secret"] });
  assert.deepEqual((await system.findCases()).cases.map(({ subject }) => subject), ["Lamp"]);
  assert.equal((await system.countCases()).count, 1);
});

test("a policy that throws, promises or gives nonsense allows nothing", async () => {
  let does: () => unknown = () => undefined;
  const { system } = await deskWith({ decide: () => does() as undefined });
  does = fail;
  const thrown = await refused(system.openCase({ customer: ada }));
  assert.deepEqual([thrown.kind, thrown.cause], ["bug", fire]);
  const thenable = { then: (resolve: () => void) => resolve() };
  for (const given of [Promise.resolve(), thenable, false, true, null]) {
    does = () => given;
    const error = await refused(system.openCase({ customer: ada }));
    assert.equal(error.kind, "bug");
    assert.match(error.message, /must decide at once/);
  }
  for (const cases of [fail, () => ({ everything: true }) as never]) {
    const narrowed = await deskWith({ decide: () => undefined, cases });
    assert.equal((await refused(async () => narrowed.system.findCases())).kind, cases === fail ? "bug" : "invalid");
  }
  for (const given of [undefined, null, false]) {
    const narrowed = await deskWith({ decide: () => undefined, cases: () => given as never });
    const error = await refused(async () => narrowed.system.findCases());
    assert.equal(error.kind, "bug");
    assert.match(error.message, /gave no filter from `cases`/);
  }
  for (const given of [Promise.resolve({ all: [] }), thenable]) {
    const narrowed = await deskWith({ decide: () => undefined, cases: () => given as never });
    const error = await refused(async () => narrowed.system.findCases());
    assert.equal(error.kind, "bug");
    assert.match(error.message, /must give it at once/);
  }
});
