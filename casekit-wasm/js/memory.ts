import type { MemoryStore as NativeStore } from "../pkg/casekit.js";
import { ours } from "./errors.js";
import { native, text } from "./native.js";
import type { HostStore } from "./store.js";

/** A store in memory, with the methods of any store: for tests, and for stores that build on it. */
export class MemoryStore implements HostStore {
  /** @internal */
  readonly native: NativeStore;

  /** An empty store. The package must have been initialised: see `initialise`. */
  constructor() {
    this.native = new (native().MemoryStore)();
  }

  migrate(): Promise<void> {
    return told(() => this.native.migrate());
  }

  commit(set: string): Promise<string> {
    return told(() => this.native.commit(text(set, "a change set")));
  }

  load(lookups: string): Promise<string> {
    return told(() => this.native.load(text(lookups, "a list of lookups")));
  }

  find(query: string): Promise<string> {
    return told(() => this.native.find(text(query, "a query")));
  }

  aggregate(aggregate: string): Promise<string> {
    return told(() => this.native.aggregate(text(aggregate, "an aggregate")));
  }

  feed(workspace: string, after: number, limit: number): Promise<string> {
    return told(() => this.native.feed(text(workspace, "a workspace"), after, limit));
  }

  wait(workspace: string, after: number): Promise<void> {
    return told(() => this.native.wait(text(workspace, "a workspace"), after));
  }
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw ours(error);
  }
}
