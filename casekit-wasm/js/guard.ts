// Stores of the host, watched: they may be incomplete, or never answer.
import { CasekitError } from "./errors.js";
import type { HostStore } from "./store.js";

const METHODS = ["migrate", "commit", "load", "find", "aggregate", "feed", "wait"] as const;

/** The store with a bound on how long it may take: `wait` alone may wait. */
export function guarded(store: HostStore, patience: number): HostStore {
  if (typeof store !== "object" || store === null) throw new CasekitError("invalid", "a store is an object or a location");
  for (const method of METHODS) {
    if (typeof store[method] !== "function") {
      throw new CasekitError("invalid", `the store has no method \`${method}\``);
    }
  }
  const bound = <T>(method: string, work: () => T | Promise<T>) => within(patience, method, work);
  return {
    migrate: () => bound("migrate", () => store.migrate()),
    commit: (set) => bound("commit", () => store.commit(set)),
    load: (lookups) => bound("load", () => store.load(lookups)),
    find: (query) => bound("find", () => store.find(query)),
    aggregate: (aggregate) => bound("aggregate", () => store.aggregate(aggregate)),
    feed: (workspace, after, limit) => bound("feed", () => store.feed(workspace, after, limit)),
    wait: (workspace, after) => store.wait(workspace, after),
    close: () => bound("close", () => store.close?.()),
  };
}

/** What a method of a store gives, if it does within so many milliseconds. */
export function within<T>(patience: number, method: string, work: () => T | Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = () => {
      const message = `the store has not answered \`${method}\` within ${patience} ms`;
      reject(new CasekitError("unavailable", message));
    };
    const timer = setTimeout(late, patience);
    // What throws at once is caught here too.
    Promise.resolve()
      .then(work)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
