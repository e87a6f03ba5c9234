// Drives the example as two people would, with pictures of it; and axe looks at every state.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { launch, serve, watched } from "../browser/support.js";

const folder = new URL("../../../examples/web-inbox/dist", import.meta.url).pathname;
const screenshots = process.env["CASEKIT_SCREENSHOTS"] ?? "/tmp/casekit-screenshots";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let site: Awaited<ReturnType<typeof serve>>;
let context: BrowserContext;
let page: Page;
let faults: string[];

before(async () => {
  mkdirSync(screenshots, { recursive: true });
  site = await serve(folder);
  browser = await launch();
  context = await browser.newContext({ viewport: { width: 1360, height: 820 }, timezoneId: "Europe/Madrid" });
  ({ page, faults } = watched(await context.newPage()));
  page.setDefaultTimeout(10_000);
  await page.goto(`${site.address}/`);
});
after(async () => {
  await browser.close();
  site.server.close();
});

const agentOf = (page: Page) => page.getByRole("region", { name: /Agent/ });
const customerOf = (page: Page) => page.getByRole("region", { name: /Customer/ });
const agent = () => agentOf(page);
const customer = () => customerOf(page);
const thread = () => agent().getByRole("list", { name: "Thread of the case" });
const said = () => customer().getByRole("list", { name: "What was said" });

/** Keeps a picture, and fails if axe finds anything. */
async function looked(name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.deepEqual(found, [], name);
  assert.ok(passes.length > 10);
  assert.deepEqual(faults, []);
}

test("the case load shows who waits, and the thread what they wrote", async () => {
  await agent().getByRole("heading", { name: "Needs attention 3" }).waitFor();
  await agent().getByRole("button", { name: /The reading lamp flickers/ }).click();
  await thread().getByText("flickers as soon as I dim it").waitFor();
  await said().getByText("flickers as soon as I dim it").waitFor();
  await looked("1-case-load");
});

test("the agent takes the case, writes a note, and answers; the customer sees the answer alone", async () => {
  await agent().getByRole("button", { name: "Take" }).click();
  await thread().getByText("Taken by Anna Berg").waitFor();
  await agent().getByRole("button", { name: "Note", exact: true }).click();
  await agent().getByPlaceholder(/only staff can read/).fill("Batch 7 again: the dimmer is to blame.");
  await looked("2-note");
  await agent().getByRole("button", { name: "Send" }).click();
  await thread().getByText("Batch 7 again").waitFor();
  await agent().getByRole("button", { name: "Reply", exact: true }).click();
  await agent().getByPlaceholder("Write to the customer").fill("It is not. We send you a new dimmer today.");
  await agent().getByRole("button", { name: "Send" }).click();
  await said().getByText("We send you a new dimmer today").waitFor();
  await agent().getByRole("heading", { name: "Needs attention 2" }).waitFor();
  await agent().getByRole("heading", { name: "Mine 1" }).waitFor();
  assert.equal(await customer().getByText("Batch 7").count(), 0);
  await looked("3-answered");
});

test("the customer writes back, and the agent sees it without doing anything", async () => {
  await customer().getByPlaceholder("Write to us").fill("Thank you, that was quick!");
  await customer().getByRole("button", { name: "Send" }).click();
  await thread().getByText("Thank you, that was quick!").waitFor();
  await agent().getByRole("heading", { name: "Needs attention 3" }).waitFor();
});

test("words of the thread find the case", async () => {
  await agent().getByRole("searchbox").fill("dimm");
  await agent().getByRole("heading", { name: "Found 1" }).waitFor();
  await looked("4-search");
  await agent().getByRole("searchbox").fill("studio invoice");
  await agent().getByRole("button", { name: /Invoice for the studio/ }).waitFor();
  await agent().getByRole("searchbox").fill("");
  await agent().getByRole("heading", { name: "Needs attention 3" }).waitFor();
});

test("the agent closes the case, and the customer opens it again", async () => {
  await agent().getByRole("button", { name: "Close" }).click();
  await said().getByText("Closed by Anna Berg").waitFor();
  await looked("5-closed");
  await customer().getByRole("button", { name: "Not solved yet" }).click();
  await thread().getByText("Reopened by Carla Ruiz").waitFor();
});

test("a new question of the customer comes to the agent, by the keyboard alone", async () => {
  await customer().getByRole("button", { name: "New question" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Bulbs");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Which bulbs fit the reading lamp?");
  await looked("6-new-question");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await agent().getByRole("button", { name: /Bulbs/ }).waitFor();
  await said().getByText("Which bulbs fit the reading lamp?").waitFor();
});

test("another tab shows the same, and changes arrive there", async () => {
  const { page: other } = watched(await context.newPage());
  await other.goto(`${site.address}/`);
  const there = other.getByRole("region", { name: /Agent/ });
  await there.getByRole("heading", { name: "Needs attention 4" }).waitFor();
  await customer().getByRole("button", { name: "It is solved" }).click();
  await there.getByRole("heading", { name: "Needs attention 3" }).waitFor();
  await other.close();
});

test("everything is there after a reload, on a narrow screen too", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await agent().getByRole("heading", { name: "Needs attention 3" }).waitFor();
  await looked("7-narrow");
});

/** Tabs that are opened at the same time in a browser which was never here; the first is in front. */
async function tabs(count: 1 | 2): Promise<[BrowserContext, Page, Page]> {
  const context = await browser.newContext();
  const opened = await Promise.all(Array.from({ length: count }, () => context.newPage()));
  for (const tab of opened) tab.setDefaultTimeout(10_000);
  await Promise.all(opened.map((tab) => tab.goto(`${site.address}/`)));
  await Promise.all(opened.map((tab) => agentOf(tab).getByRole("heading", { name: "Needs attention 3" }).waitFor()));
  const [one, other = one] = opened as [Page, Page?];
  await one.bringToFront();
  return [context, one, other];
}

test("what is half written stays with its case, whatever another tab does", async () => {
  const [context, one, other] = await tabs(2);
  // Nothing was clicked: each side shows what was first when the page was opened.
  const question = agentOf(one).getByRole("article");
  const number = await question.getAttribute("aria-label");
  const [reply, message] = [agentOf(one).getByPlaceholder("Write to the customer"), customerOf(one).getByPlaceholder("Write to us")];
  await reply.fill("It was sent yest");
  await message.fill("One more thi");
  await other.bringToFront();
  await agentOf(other).getByRole("button", { name: "Close" }).click();
  await customerOf(other).getByRole("button", { name: "New question" }).click();
  await customerOf(other).getByPlaceholder("Your question").fill("Which bulbs?");
  await customerOf(other).getByRole("form", { name: "New question" }).getByRole("button", { name: "Send" }).click();
  await one.bringToFront();
  await customerOf(one).getByRole("button", { name: /Which bulbs/ }).waitFor();
  await agentOf(one).getByText("Closed by Anna Berg").waitFor();
  assert.equal(await question.getAttribute("aria-label"), number);
  assert.deepEqual([await reply.inputValue(), await message.inputValue()], ["It was sent yest", "One more thi"]);
  await customerOf(one).getByRole("form", { name: "Write" }).getByRole("button", { name: "Send" }).click();
  await customerOf(one).getByRole("list", { name: "What was said" }).getByText("One more thi").waitFor();
  await customerOf(one).getByText("flickers as soon as I dim it").waitFor();
  await context.close();
});

/** Shows the case of a name on the agent's side. */
function showing(side: Locator): (name: RegExp) => Promise<void> {
  return async (name) => {
    await side.getByRole("button", { name }).click();
    await side.getByRole("heading", { level: 3, name }).waitFor();
  };
}

test("each case has a draft of its own, and a note stays a note", async () => {
  const [context, tab] = await tabs(1);
  const side = agentOf(tab);
  const show = showing(side);
  await show(/reading lamp flickers/);
  await side.getByRole("button", { name: "Note", exact: true }).click();
  const note = side.getByPlaceholder(/only staff can read/);
  await note.fill("Batch 7 again");
  await show(/Invoice for the studio/);
  assert.equal(await side.getByPlaceholder("Write to the customer").inputValue(), "");
  await show(/reading lamp flickers/);
  assert.equal(await note.inputValue(), "Batch 7 again");
  await context.close();
});

test("what is being sent cannot be sent again, nor what is written meanwhile get lost", async () => {
  const [context, tab] = await tabs(1);
  const side = agentOf(tab);
  const show = showing(side);
  await show(/reading lamp flickers/);
  // The answers to commits are late.
  await tab.evaluate(() => {
    const late = new Promise<void>((resolve) => Object.assign(window, { answer: resolve }));
    const listen = IDBTransaction.prototype.addEventListener;
    IDBTransaction.prototype.addEventListener = function (this: IDBTransaction, type: string, told: EventListener) {
      const isLate = type === "complete" && this.mode === "readwrite";
      listen.call(this, type, isLate ? (event) => void late.then(() => told(event)) : told);
    } as typeof listen;
  });
  const [reply, send] = [side.getByPlaceholder("Write to the customer"), side.getByRole("button", { name: "Send" })];
  await reply.fill("Only once");
  await send.click();
  await show(/Invoice for the studio/);
  await reply.fill("About the invoice");
  await show(/reading lamp flickers/);
  assert.deepEqual([await reply.isEditable(), await send.isDisabled()], [false, true]);
  // Whatever writes into it all the same, such as a program that fills in forms.
  await reply.evaluate((field) => {
    (field as HTMLTextAreaElement).value = "Only once. And more";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await tab.evaluate(() => (window as unknown as { answer(): void }).answer());
  await side.getByRole("list").getByText("Only once", { exact: true }).waitFor();
  assert.equal(await side.getByRole("list").getByText("Only once", { exact: true }).count(), 1);
  assert.equal(await reply.inputValue(), "Only once. And more");
  await show(/Invoice for the studio/);
  assert.equal(await reply.inputValue(), "About the invoice");
  await context.close();
});

/** Whatever is asked of the database fails, until it is mended. */
async function breakDatabase(tab: Page): Promise<void> {
  await tab.evaluate(() => {
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException("the disk is away", "UnknownError");
    };
    Object.assign(window, { mend: () => (IDBDatabase.prototype.transaction = begin) });
  });
}

async function mendDatabase(tab: Page): Promise<void> {
  await tab.evaluate(() => void (window as unknown as { mend(): void }).mend());
}

test("what could not be shown is told until it can be shown again", async () => {
  const [context, tab] = await tabs(1);
  const side = agentOf(tab);
  await breakDatabase(tab);
  await side.getByRole("searchbox").fill("invoice");
  await side.getByRole("alert").getByText("the disk is away").waitFor();
  await mendDatabase(tab);
  await side.getByRole("searchbox").fill("");
  await side.getByRole("alert").waitFor({ state: "detached" });
  await context.close();
});

test("changes are followed again after a fault that passes", async () => {
  const [context, one, other] = await tabs(2);
  await breakDatabase(one);
  await other.bringToFront();
  await agentOf(other).getByRole("button", { name: "Close" }).click();
  await agentOf(other).getByText("Closed by Anna Berg").waitFor();
  // Until the message of the other tab has come here.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await mendDatabase(one);
  await one.bringToFront();
  await agentOf(one).getByText("Closed by Anna Berg").waitFor();
  assert.equal(await one.getByText("Changes are not shown any more").count(), 0);
  await context.close();
});

test("when the case that is shown is deleted, another is", async () => {
  const [context, tab] = await tabs(1);
  const side = agentOf(tab);
  await side.getByRole("button", { name: /reading lamp flickers/ }).click();
  await side.getByRole("heading", { level: 3, name: /reading lamp flickers/ }).waitFor();
  await tab.evaluate(deleteCase, "The reading lamp flickers");
  await side.getByRole("searchbox").fill("invoice");
  await side.getByRole("heading", { level: 3, name: /Invoice for the studio/ }).waitFor();
  assert.equal(await side.getByRole("alert").count(), 0);
  await context.close();
});

/** Deletes a case as another tab would. */
async function deleteCase(subject: string): Promise<void> {
  const done = <T>(request: IDBRequest<T>) => new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await done(indexedDB.open("web-inbox"));
  const transaction = database.transaction(["records", "workspaces"], "readwrite");
  const [records, workspaces] = [transaction.objectStore("records"), transaction.objectStore("workspaces")];
  const [counters] = await done(workspaces.getAll());
  const rows: Array<{ place: string; body: string | null }> = await done(records.getAll());
  const row = rows.find(({ place, body }) => place.startsWith("case/") && body?.includes(subject));
  counters.change += 1;
  records.put({ ...row, change: counters.change, body: null, deleted: Date.now() });
  workspaces.put(counters);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
}

test("what could not be sent is still there", async () => {
  const [context, tab] = await tabs(1);
  const reply = agentOf(tab).getByPlaceholder("Write to the customer");
  const text = "x".repeat(600_000);
  await reply.fill(text);
  await agentOf(tab).getByRole("button", { name: "Send" }).click();
  await agentOf(tab).getByRole("alert").getByText("is too long").waitFor();
  assert.equal((await reply.inputValue()).length, text.length);
  await context.close();
});

test("a long thread shows what was said last", { timeout: 60_000 }, async () => {
  const [context, tab] = await tabs(1);
  await agentOf(tab).getByPlaceholder("Write to the customer").evaluate(async (field) => {
    // So many commits would take long, if each waited for the disk.
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (stores, mode) {
      return begin.call(this, stores, mode, { durability: "relaxed" });
    };
    const area = field as HTMLTextAreaElement;
    const turn = () => new Promise((resolve) => setTimeout(resolve));
    for (let n = 0; n < 205; n++) {
      area.value = `Part ${n} of a long story`;
      area.dispatchEvent(new Event("input", { bubbles: true }));
      await turn();
      area.form?.requestSubmit();
      while (area.value !== "") await turn();
    }
  });
  await agentOf(tab).getByText("Part 204 of a long story").waitFor();
  await context.close();
});

test("two tabs that are opened at once fill the desk once, and one that was emptied is filled again", async () => {
  const [context, tab, other] = await tabs(2);
  const workspaces = () =>
    tab.evaluate(async () => {
      const opening = indexedDB.open("web-inbox");
      await new Promise((resolve) => (opening.onsuccess = resolve));
      const counting = opening.result.transaction("workspaces").objectStore("workspaces").count();
      await new Promise((resolve) => (counting.onsuccess = resolve));
      opening.result.close();
      return counting.result;
    });
  assert.equal(await workspaces(), 1);
  await other.close();
  await tab.evaluate(async () => {
    const deleting = indexedDB.deleteDatabase("web-inbox");
    await new Promise((resolve) => (deleting.onsuccess = resolve));
  });
  await tab.getByRole("alert").getByText(/Changes are not shown any more: .*reload the page/).waitFor();
  await tab.reload();
  await agentOf(tab).getByRole("heading", { name: "Needs attention 3" }).waitFor();
  await context.close();
});
