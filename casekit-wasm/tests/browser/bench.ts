// Measures the package in Chromium and prints a table: `cargo xtask bench --web`. It judges nothing.
import { cpus, loadavg } from "node:os";
import type { Page } from "playwright-core";
import { launch, serve } from "./support.js";

/** How many cases there are. */
const CASES = 10_000;
/** How often each operation is measured. */
const TIMES = 300;

/** A line of the table: what was measured, in milliseconds. */
type Row = [what: string, median: number, p95: number];

interface Measured {
  rows: Row[];
  /** The longest the page was held up, in milliseconds, by what it did then. */
  held: Array<[what: string, milliseconds: number]>;
}

const { address, server } = await serve(new URL("../..", import.meta.url).pathname);
const browser = await launch();
try {
  console.log(`${CASES} cases; Chromium ${browser.version()}, ${cpus().length} cores of ${cpus()[0]?.model}, load average before: ${loadavg()[0]?.toFixed(2)}`);
  for (const location of ["memory:", "indexeddb:bench"] as const) {
    const page = await browser.newPage();
    await page.goto(`${address}/page.html`);
    print(location, await measured(page, location));
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}

function print(location: string, { rows, held }: Measured): void {
  const cell = (value: number) => (value < 1 ? `${Math.round(value * 1000)} µs` : `${value.toFixed(value < 10 ? 1 : 0)} ms`);
  console.log(`\n| ${location} | median | 95 % |\n|---|---|---|`);
  for (const [what, median, p95] of rows) console.log(`| ${what} | ${cell(median)} | ${cell(p95)} |`);
  console.log("\n| the page was held up at most, while |  |\n|---|---|");
  for (const [what, milliseconds] of held) console.log(`| ${what} | ${milliseconds.toFixed(0)} ms |`);
}

function measured(page: Page, location: "memory:" | "indexeddb:bench"): Promise<Measured> {
  return page.evaluate(
    async ({ location, cases, times }) => {
      const { connect } = (await import(`${window.origin}/dist/index.js`)) as typeof import("casekit");
      const rows: Row[] = [];
      const held: Array<[string, number]> = [];

      /** Does something and remembers how long the page could do nothing else meanwhile. */
      const watching = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
        let longest = 0;
        let last = performance.now();
        const beat = new MessageChannel();
        let isOver = false;
        beat.port1.onmessage = () => {
          const now = performance.now();
          longest = Math.max(longest, now - last);
          last = now;
          if (!isOver) beat.port2.postMessage(0);
        };
        beat.port2.postMessage(0);
        const result = await work();
        await new Promise((resolve) => setTimeout(resolve));
        isOver = true;
        held.push([what, longest]);
        return result;
      };

      /** The page gets its turn, as between two clicks. */
      const turn = () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = resolve;
          port2.postMessage(0);
        });

      const often = async (what: string, work: (n: number) => Promise<unknown>) => {
        const took: number[] = [];
        await watching(what, async () => {
          for (let n = 0; n < times; n++) {
            const begun = performance.now();
            await work(n);
            took.push(performance.now() - begun);
            await turn();
          }
        });
        took.sort((a, b) => a - b);
        rows.push([what, took[Math.floor(took.length / 2)] ?? 0, took[Math.floor(took.length * 0.95)] ?? 0]);
      };

      const once = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
        const begun = performance.now();
        const result = await watching(what, work);
        const took = performance.now() - begun;
        rows.push([what, took, took]);
        return result;
      };

      const options = { durability: "relaxed" } as const;
      const desk = await connect(location, options);
      const workspace = desk.newId();
      const system = desk.system(workspace);
      await system.createWorkspace({ name: "Bench" });
      const anna = await system.createAgent({ name: "Anna", email: "anna@example.org", role: "agent" });
      const agent = desk.agent(workspace, anna.id);
      const words = ["lamp", "printer", "invoice", "delivery", "flickers", "broken", "address", "refund"];
      const subject = (n: number) => `${words[n % 8]} ${words[(n >> 3) % 8]} ${n}`;

      await once(`import ${cases} cases of two lines, 25 in a call`, async () => {
        const at = (minute: number) => new Date(Date.UTC(2026, 0, 5) + minute * 60_000);
        for (let first = 0; first < cases; first += 25) {
          await system.importLog({
            system: "old",
            cases: Array.from({ length: 25 }, (_, n) => ({
              id: `case ${first + n}`,
              subject: subject(first + n),
              customer: `customer ${(first + n) % 2000}`,
              lines: [{ activity: "call", at: at(first + n) }, { activity: "answer", at: at(first + n + 30) }],
            })),
          });
          await turn();
        }
      });
      const customer = { name: "Ada", email: "ada@example.org" };
      const message = (text: string) => ({ by: "customer", message: { text } }) as const;
      await often("open a case with a message", (n) =>
        system.openCase({ customer, subject: subject(n), message: message(`My ${subject(n)} again.`) }),
      );
      await often("reply", (n) => agent.reply({ case: cases + 1 + n, message: { text: "It is on its way." } }));
      await often("get a case", (n) => agent.getCase({ case: 1 + ((n * 37) % cases) }));
      await often("read a thread", (n) => agent.readThread({ case: 1 + ((n * 37) % cases) }));
      await often("take a case", (n) => agent.takeCase({ case: 1 + n }));
      await often("case load, 50 in each list", () => agent.getCaseLoad());
      await often("list the newest 50", () => agent.findCases({ sort: "opened", direction: "descending" }));
      await often("search by two words, 50 hits", (n) => agent.searchCases({ text: `${words[n % 8]} ${words[(n >> 3) % 8]}` }));
      await often("count by status", () => agent.countCases({ filter: { status: "active" } }));
      await desk.close();
      if (location !== "memory:") {
        const again = await once("open the database again", () => connect(location, options));
        await once("the first case load after that", () => again.agent(workspace, anna.id).getCaseLoad());
        await again.close();
      }
      return { rows, held };
    },
    { location, cases: CASES, times: TIMES },
  );
}
