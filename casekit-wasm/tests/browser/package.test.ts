// The package in Chromium, as it is: no bundler, no server of its own, plain `<script type="module">`.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { behaviours } from "../behaviours.js";
import { launch, serve } from "./support.js";

// What runs in pages: the package by its address there.
declare global {
  interface Window {
    casekit: typeof import("casekit");
    testing: typeof import("casekit/testing");
  }
}

const root = new URL("../..", import.meta.url).pathname;
const scenarios = new URL("../../../casekit-testkit/scenarios/", import.meta.url);
let browser: Browser;
let context: BrowserContext;
let site: Awaited<ReturnType<typeof serve>>;

before(async () => {
  site = await serve(root);
  browser = await launch();
});
after(async () => {
  await browser.close();
  site.server.close();
});

const SCRIPT = `
  import * as casekit from "/dist/index.js";
  import * as testing from "/dist/testing/index.js";
  Object.assign(window, { casekit, testing });`;

/** A page that has loaded the package, in a context of its own unless it shares one. */
async function opened(shared?: BrowserContext): Promise<Page> {
  context = shared ?? (await browser.newContext());
  const page = await context.newPage();
  await page.goto(`${site.address}/page.html`);
  await page.addScriptTag({ type: "module", content: SCRIPT });
  await page.waitForFunction(() => window.casekit !== undefined);
  return page;
}

test("the store in IndexedDB has every behaviour", async () => {
  const page = await opened();
  const report = await page.evaluate(() => {
    let made = 0;
    return window.testing.runStoreConformance(() => new window.testing.IndexedDbStore(`kit-${++made}`, { durability: "relaxed" }));
  });
  assert.deepEqual(report.failed, []);
  assert.deepEqual(report.passed.sort(), behaviours);
  await context.close();
});

const files = readdirSync(scenarios).filter((file) => !file.endsWith(".expected.json"));
for (const [where, location] of [["in memory", "memory:"], ["in IndexedDB", "indexeddb:"]] as const) {
  test(`the scenarios give the expected transcripts, ${where}`, async () => {
    const page = await opened();
    for (const file of files) {
      const scenario = readFileSync(new URL(file, scenarios), "utf8");
      const got = await page.evaluate(
        ({ scenario, location, file }) => {
          const at = location === "memory:" ? location : (`${location}${file}` as const);
          return window.testing.runScenario(JSON.parse(scenario), (options) => window.casekit.connect(at, options));
        },
        { scenario, location, file },
      );
      assert.equal(got, readFileSync(new URL(file.replace(".json", ".expected.json"), scenarios), "utf8"), file);
    }
    await context.close();
  });
}

test("use before initialisation is a clear error", async () => {
  const page = await opened();
  const message = await page.evaluate(() => {
    try {
      return String(new window.casekit.MemoryStore());
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  });
  assert.equal(message, "CasekitError: casekit is not initialised yet: await `initialise()` or `connect(…)` first");
  await context.close();
});

test("two tabs share a database: conflicts are told, and news arrive", async () => {
  const one = await opened();
  const shared = context;
  const other = await opened(shared);
  const workspace = await one.evaluate(async () => {
    const desk = await window.casekit.connect("indexeddb:tabs");
    const workspace = desk.newId();
    const system = desk.system(workspace);
    await system.createWorkspace({ name: "Lamps" });
    await system.openCase({ customer: { name: "Ada", email: "ada@example.org" }, subject: "Lamp" });
    Object.assign(window, { desk, system });
    return workspace;
  });
  const following = other.evaluate(async (workspace) => {
    const desk = await window.casekit.connect("indexeddb:tabs");
    const system = desk.system(workspace);
    Object.assign(window, { desk, system });
    for await (const { operation } of desk.events(workspace)) {
      if (operation === "patch_case") return (await system.findCases()).cases[0]?.subject;
    }
    return undefined;
  }, workspace);
  const patch = (page: Page, subject: string) =>
    page.evaluate((subject) => {
      const { system } = window as unknown as { system: import("casekit").AgentSession };
      return system.patchCase({ case: 1, seen: 1, subject }).then(({ subject }) => subject, ({ kind }: { kind: string }) => kind);
    }, subject);
  await other.waitForFunction(() => "system" in window);
  const outcomes = await Promise.all([patch(one, "Lamp, red"), patch(other, "Lamp, blue")]);
  assert.deepEqual(outcomes.filter((outcome) => outcome === "conflict").length, 1, outcomes.join());
  const kept = outcomes.find((outcome) => outcome !== "conflict");
  assert.equal(await following, kept);
  assert.equal(await patch(other, "Lamp, green"), "conflict");
  await shared.close();
});

test("a tab that is closed in the middle of commits leaves each whole or undone", async () => {
  const one = await opened();
  const shared = context;
  const other = await opened(shared);
  const workspace = await one.evaluate(async () => {
    const desk = await window.casekit.connect("indexeddb:closed");
    const workspace = desk.newId();
    await desk.system(workspace).createWorkspace({ name: "Lamps" });
    Object.assign(window, { desk });
    return workspace;
  });
  await other.evaluate(async (workspace) => {
    const system = (await window.casekit.connect("indexeddb:closed")).system(workspace);
    const open = async () => {
      await system.openCase({ customer: { name: "Ada", email: "ada@example.org" }, subject: "Lamp" });
      void open();
    };
    for (let n = 0; n < 4; n++) void open();
    // When it is asked to, the next commit stays under way: everything is written, and it never ends.
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...row) {
      const request = put.apply(this, row);
      const state = window as unknown as { commit?: "hold" | "held" };
      if (this.name !== "workspaces" || state.commit !== "hold") return request;
      state.commit = "held";
      const ask = () => (this.count().onsuccess = ask);
      ask();
      return request;
    };
  }, workspace);
  await one.evaluate(async (workspace) => {
    const { desk } = window as unknown as { desk: import("casekit").Desk };
    while ((await desk.system(workspace).countCases()).count < 20);
  }, workspace);
  await other.evaluate(() => Object.assign(window, { commit: "hold" }));
  await other.waitForFunction(() => (window as unknown as { commit: string }).commit === "held");
  await other.close();
  const seen = await one.evaluate(async (workspace) => {
    const { desk } = window as unknown as { desk: import("casekit").Desk };
    const system = desk.system(workspace);
    const { number } = await system.openCase({ customer: { name: "Ada", email: "ada@example.org" }, subject: "The last" });
    const numbers = [];
    for await (const found of system.findCases({ sort: "number", direction: "ascending" })) numbers.push(found.number);
    const openings = [];
    for await (const { seq, operation } of desk.events(workspace, { signal: AbortSignal.timeout(10_000) })) {
      if (operation === "open_case") openings.push(seq);
      if (openings.length === numbers.length) break;
    }
    const customers = (await system.findCustomers()).customers.length;
    return { number, numbers, openings, customers };
  }, workspace);
  const upTo = Array.from({ length: seen.number }, (_, at) => at + 1);
  assert.ok(seen.number > 20);
  assert.deepEqual(seen.numbers, upTo);
  assert.equal(seen.openings.length, seen.number);
  assert.equal(seen.customers, 1);
  await shared.close();
});

test("when the browser clears the data of the site, a desk goes on with an empty database", async () => {
  const page = await opened();
  await page.evaluate(async () => {
    const desk = await window.casekit.connect("indexeddb:cleared");
    const system = desk.system(desk.newId());
    await system.createWorkspace({ name: "Lamps" });
    await system.openCase({ customer: { name: "Ada", email: "ada@example.org" }, subject: "Lamp" });
    await system.findCases();
    Object.assign(window, { system });
  });
  const cdp: CDPSession = await context.newCDPSession(page);
  await cdp.send("Storage.clearDataForOrigin", { origin: site.address, storageTypes: "indexeddb" });
  const told = await page.evaluate(async () => {
    const { system } = window as unknown as { system: import("casekit").AgentSession };
    const look = () => system.getCase({ case: 1 }).then(() => "found", ({ kind }: { kind: string }) => kind);
    let kind = await look();
    // The browser may be about to close what was opened meanwhile.
    for (let turn = 0; turn < 100 && kind === "unavailable"; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      kind = await look();
    }
    await system.createWorkspace({ name: "Lamps" });
    return { kind, cases: (await system.findCases()).cases.length };
  });
  assert.deepEqual(told, { kind: "not_found", cases: 0 });
  await context.close();
});

test("when the browser's space runs out, that is told and nothing is half-written", async () => {
  const page = await opened();
  const cdp: CDPSession = await context.newCDPSession(page);
  // Before anything is written: the browser remembers for a while how much space there was.
  await cdp.send("Storage.overrideQuotaForOrigin", { origin: site.address, quotaSize: 2_000_000 });
  const workspace = await page.evaluate(async () => {
    const desk = await window.casekit.connect("indexeddb:full", { durability: "relaxed" });
    const workspace = desk.newId();
    const system = desk.system(workspace);
    await system.createWorkspace({ name: "Lamps" });
    await system.openCase({ customer: { name: "Ada", email: "ada@example.org" }, subject: "Lamp" });
    Object.assign(window, { desk, system });
    return workspace;
  });
  const outcome = await page.evaluate(async () => {
    const { system } = window as unknown as { system: import("casekit").AgentSession };
    let added = 0;
    for (; added < 500; added++) {
      try {
        // One long word: random, so that it does not shrink on the disk, and cheap to index.
        const text = Array.from({ length: 6000 }, () => Math.random().toString(36).slice(2, 12)).join("").slice(0, 60_000);
        await system.addNote({ case: 1, text });
      } catch (error) {
        const { name, kind, retryable } = error as import("casekit").CasekitError;
        return { added, name, kind, retryable };
      }
    }
    return { added };
  });
  assert.deepEqual({ ...outcome, added: 0 }, { added: 0, name: "CasekitError", kind: "limit", retryable: false });
  await cdp.send("Storage.overrideQuotaForOrigin", { origin: site.address });
  const seen = await page.evaluate(async (workspace) => {
    const desk = await window.casekit.connect("indexeddb:full");
    const notes = [];
    for await (const { body } of desk.system(workspace).readThread({ case: 1 })) if (body.type === "note") notes.push(body);
    const seqs = [];
    for await (const { seq, operation } of desk.events(workspace)) {
      if (operation === "add_note") seqs.push(seq);
      if (seqs.length === notes.length) break;
    }
    await desk.system(workspace).addNote({ case: 1, text: "there is space again" });
    return [notes.length, seqs.length];
  }, workspace);
  assert.deepEqual(seen, [outcome.added, outcome.added]);
  await context.close();
});

test("it works in a worker", async () => {
  const page = await opened();
  const told = await page.evaluate(async () => {
    const script = `
      import { connect } from "${location.origin}/dist/index.js";
      const told = [];
      for (const location of ["memory:", "indexeddb:worker"]) {
        const desk = await connect(location);
        const system = desk.system(desk.newId());
        await system.createWorkspace({ name: "Lamps" });
        const opened = await system.openCase({ customer: { name: "Ada", email: "ada@example.org" }, subject: "Lamp" });
        told.push([opened.number, (await system.searchCases({ text: "lamp" })).found.length]);
        await desk.close();
      }
      postMessage(told);`;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })), { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  });
  assert.deepEqual(told, [[1, 1], [1, 1]]);
  await context.close();
});
