// What the tests share.
import { Desk, MemoryStore } from "casekit";

export const system = { type: "system" };

/** Calls operations of a desk with values in and out. */
export function caller(desk, workspace, actor = system) {
  return async (name, input) =>
    JSON.parse(await desk.call(workspace, JSON.stringify(actor), name, JSON.stringify(input)));
}

/**
 * A store written in JavaScript: every method is asynchronous, and really waits, before it passes
 * the call on. It counts its calls.
 */
export class ScriptedStore {
  calls = {};
  #inner = new MemoryStore();

  async #pass(method, ...given) {
    this.calls[method] = (this.calls[method] ?? 0) + 1;
    await new Promise((resolve) => setImmediate(resolve));
    return this.#inner[method](...given);
  }

  async migrate() {
    await this.#pass("migrate");
  }
  commit(set) {
    return this.#pass("commit", set);
  }
  load(lookups) {
    return this.#pass("load", lookups);
  }
  find(query) {
    return this.#pass("find", query);
  }
  aggregate(aggregate) {
    return this.#pass("aggregate", aggregate);
  }
  feed(workspace, after, limit) {
    return this.#pass("feed", workspace, after, limit);
  }
  async wait(workspace, after) {
    await this.#pass("wait", workspace, after);
  }
}

/** Every way to have a desk here, by name. */
export const desks = {
  "in memory": (options) => Desk.inMemory(new MemoryStore(), options),
  "on a store in JavaScript": (options) => Desk.on(new ScriptedStore(), options),
};
