import { DeskCore } from "./core.js";
import { Desk } from "./desk.js";
import { CasekitError, ours } from "./errors.js";
import { guarded, within } from "./guard.js";
import { IndexedDbStore } from "./indexeddb/store.js";
import { MemoryStore } from "./memory.js";
import { initialise, native } from "./native.js";
import { checked, nativeOptions, type DeskOptions } from "./options.js";
import type { HostStore } from "./store.js";

/** Where cases live: in memory, or in a database of the browser. */
export type StoreLocation = "memory:" | `indexeddb:${string}`;

/** How long a store may not answer by default, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Opens a desk on a store, which is created or upgraded if need be.
 *
 * ```js
 * const desk = await connect("indexeddb:desk");
 * const agent = desk.agent(workspace, id);
 * await agent.openCase({ customer: { name: "Carla", email: "carla@example.com" }, subject: "My printer" });
 * ```
 *
 * The desk closes its store: when it is closed, and when it cannot be opened, for whatever reason. So whoever
 * tries again does it with a new store.
 */
export async function connect(store: StoreLocation | HostStore, options: DeskOptions = {}): Promise<Desk> {
  let held: HostStore | undefined;
  try {
    const { patience = PATIENCE } = checked(options);
    await initialise();
    // Our own is not watched: to load a large workspace takes it as long as it takes.
    held = typeof store === "string" ? storeAt(store, options) : guarded(store, patience);
    const core = new DeskCore(nativeDesk(held, options), held);
    await core.migrate();
    return new Desk(core);
  } catch (error) {
    await release(held ?? store);
    throw ours(error);
  }
}

function storeAt(location: string, options: DeskOptions): HostStore {
  if (location === "memory:") return new MemoryStore();
  const [, name] = /^indexeddb:(.+)$/.exec(location) ?? [];
  if (name) return new IndexedDbStore(name, options);
  throw new CasekitError("invalid", `\`${location}\` is no store: give \`memory:\`, \`indexeddb:\` with a name, or an object`);
}

function nativeDesk(store: HostStore, options: DeskOptions) {
  const { NativeDesk } = native();
  const given = nativeOptions(options) as Parameters<typeof NativeDesk.on>[1];
  // One that a host gave is watched, and so none of these: it may do some things in its own way.
  if (store instanceof MemoryStore) return NativeDesk.inMemory(store.native, given);
  const asked = store as unknown as Parameters<typeof NativeDesk.on>[0];
  return store instanceof IndexedDbStore ? NativeDesk.inBrowser(asked, given) : NativeDesk.on(asked, given);
}

/** Closes a store on which no desk could be opened. Why not is told; what closing it adds to that is not. */
async function release(store: Partial<HostStore> | StoreLocation): Promise<void> {
  try {
    // It may be anything, and no options may have been understood that say how long it may take.
    await within(PATIENCE, "close", () => (store as Partial<HostStore>).close?.());
  } catch {}
}
