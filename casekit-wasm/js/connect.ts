import { DeskCore } from "./core.js";
import { Desk } from "./desk.js";
import { CasekitError, ours } from "./errors.js";
import { guarded } from "./guard.js";
import { IndexedDbStore } from "./indexeddb/store.js";
import { MemoryStore } from "./memory.js";
import { initialise, native } from "./native.js";
import { nativeOptions, type DeskOptions } from "./options.js";
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
 */
export async function connect(store: StoreLocation | HostStore, options: DeskOptions = {}): Promise<Desk> {
  await initialise();
  const core = coreOn(typeof store === "string" ? storeAt(store, options) : store, options);
  await core.migrate();
  return new Desk(core);
}

function storeAt(location: string, options: DeskOptions): HostStore {
  if (location === "memory:") return new MemoryStore();
  const [, name] = /^indexeddb:(.+)$/.exec(location) ?? [];
  if (name) return new IndexedDbStore(name, options);
  throw new CasekitError("invalid", `\`${location}\` is no store: give \`memory:\`, \`indexeddb:\` with a name, or an object`);
}

function coreOn(store: HostStore, options: DeskOptions): DeskCore {
  if (typeof store !== "object" || store === null) throw new CasekitError("invalid", "a store is an object or a location");
  const { NativeDesk } = native();
  const given = nativeOptions(options) as Parameters<typeof NativeDesk.on>[1];
  try {
    if (store instanceof MemoryStore) return new DeskCore(NativeDesk.inMemory(store.native, given), {});
    // Our own is not watched: to load a large workspace takes it as long as it takes.
    const watched = store instanceof IndexedDbStore ? store : guarded(store, options.patience ?? PATIENCE);
    return new DeskCore(NativeDesk.on(watched as unknown as Parameters<typeof NativeDesk.on>[0], given), store);
  } catch (error) {
    throw ours(error);
  }
}
