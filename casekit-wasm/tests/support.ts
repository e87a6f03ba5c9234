// What the tests share.
import { CasekitError, connect, MemoryStore, type AgentSession, type Desk, type DeskOptions, type HostStore } from "casekit";

/** A store written in JavaScript: every method really waits before it passes the call on. It counts its calls. */
export class ScriptedStore implements HostStore {
  calls: Record<string, number> = {};
  #inner: MemoryStore | undefined;

  async #pass<T>(method: string, work: (store: MemoryStore) => Promise<T>): Promise<T> {
    this.calls[method] = (this.calls[method] ?? 0) + 1;
    await new Promise((resolve) => setTimeout(resolve));
    this.#inner ??= new MemoryStore();
    return work(this.#inner);
  }

  migrate(): void | Promise<void> {
    return this.#pass("migrate", (store) => store.migrate());
  }
  commit(set: string): string | Promise<string> {
    return this.#pass("commit", (store) => store.commit(set));
  }
  load(lookups: string): string | Promise<string> {
    return this.#pass("load", (store) => store.load(lookups));
  }
  find(query: string): string | Promise<string> {
    return this.#pass("find", (store) => store.find(query));
  }
  aggregate(aggregate: string): string | Promise<string> {
    return this.#pass("aggregate", (store) => store.aggregate(aggregate));
  }
  feed(workspace: string, after: number, limit: number): string | Promise<string> {
    return this.#pass("feed", (store) => store.feed(workspace, after, limit));
  }
  wait(workspace: string, after: number): void | Promise<void> {
    return this.#pass("wait", (store) => store.wait(workspace, after));
  }
}

let databases = 0;

/** Every way to have a desk here, by name. */
export const desks: Record<string, (options?: DeskOptions) => Promise<Desk>> = {
  "in memory": (options) => connect("memory:", options),
  "on a store in JavaScript": (options) => connect(new ScriptedStore(), options),
  "in IndexedDB": (options) => connect(`indexeddb:test-${++databases}-${Date.now()}`, options),
};

/** A desk with a workspace in which people work. */
export async function opened(desk: Desk): Promise<{ desk: Desk; workspace: string; system: AgentSession }> {
  const workspace = desk.newId();
  const system = desk.system(workspace);
  await system.createWorkspace({ name: "Lamps" });
  return { desk, workspace, system };
}

export const ada = { name: "Ada", email: "ada@example.org" };

/** Opens a case of Ada's, who writes. */
export function openCase(session: AgentSession, subject: string) {
  const message = { by: "customer", message: { text: "The lamp does not light up." } } as const;
  return session.openCase({ customer: ada, subject, message });
}

/** The error with which a call is refused; fails if it is not, or is no error of casekit. */
export async function refused(call: Promise<unknown> | (() => unknown)): Promise<CasekitError> {
  try {
    await (typeof call === "function" ? call() : call);
  } catch (error) {
    if (error instanceof CasekitError) return error;
    throw new Error(`no error of casekit but ${String(error)}`, { cause: error });
  }
  throw new Error("it was not refused");
}
