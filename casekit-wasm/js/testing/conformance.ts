import load, { conformanceTests, runConformanceTest } from "../../pkg/testing/casekit_testing.js";
import { messageOf } from "../errors.js";
import { initialise, type WasmSource } from "../native.js";
import type { HostStore } from "../store.js";

/** What a store did. */
export interface ConformanceReport {
  /** The behaviours that it has. */
  passed: string[];
  /** The behaviours that it does not have, and what showed it. */
  failed: Array<{ name: string; failure: string }>;
}

/** How a store is tested. */
export interface ConformanceOptions {
  /** For how long one test may take, in milliseconds; 60,000 by default. */
  patience?: number;
  /** Which behaviours are tested; by default all. */
  only?: (name: string) => boolean;
}

let find = (): WasmSource | Promise<WasmSource> =>
  new URL("../../pkg/testing/casekit_testing_bg.wasm", import.meta.url);
let loading: Promise<unknown> | undefined;

/** Says where the kit's `.wasm` is found, where it cannot be fetched. */
export function findKit(source: () => Promise<WasmSource>): void {
  find = source;
}

/**
 * Tests whether a store does what the port `Store` promises, behaviour by behaviour. `makeStore` gives the
 * store for each; it need not be empty, nor another one every time. It is closed after its test if it has `close`.
 */
export async function runStoreConformance(
  makeStore: () => HostStore | Promise<HostStore>,
  { patience = 60_000, only = () => true }: ConformanceOptions = {},
): Promise<ConformanceReport> {
  await initialise();
  loading ??= load({ module_or_path: await find() });
  await loading;
  const report: ConformanceReport = { passed: [], failed: [] };
  for (const name of conformanceTests().filter(only)) {
    try {
      await within(patience, test(name, makeStore));
      report.passed.push(name);
    } catch (error) {
      report.failed.push({ name, failure: messageOf(error) });
    }
  }
  return report;
}

async function test(name: string, makeStore: () => HostStore | Promise<HostStore>): Promise<void> {
  const store = await makeStore();
  try {
    await runConformanceTest(name, store as unknown as Parameters<typeof runConformanceTest>[1]);
  } finally {
    await store.close?.();
  }
}

function within(patience: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${patience} ms`)), patience);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
