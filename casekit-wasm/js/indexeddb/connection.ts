// The connection to the database of one name.
import { openDB } from "idb";
import { CasekitError } from "../errors.js";
import { fault } from "./faults.js";
import { STEPS, upgrade, type Database } from "./layout.js";

/** For how long an upgrade waits for other tabs to close the old version. */
const PATIENCE = 10_000;

/** Opens the database, created or upgraded if need be. `lost` is called when the browser closes it. */
export async function open(name: string, lost: () => void): Promise<Database> {
  if (typeof indexedDB === "undefined") {
    throw new CasekitError("unsupported", "there is no IndexedDB here");
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const opening = openDB(name, STEPS.length, {
    upgrade: (database, from, _, transaction) => upgrade(database as unknown as Database, from, transaction as never),
    // A newer version of the page wants to upgrade: this one makes room.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  }) as unknown as Promise<Database>;
  const late = new Promise<never>((_, reject) => {
    const message = "another tab holds an older version of the database open: close it";
    timer = setTimeout(() => reject(new CasekitError("unavailable", message)), PATIENCE);
  });
  try {
    return await Promise.race([opening, late]);
  } catch (error) {
    // Should it open after all, nobody needs it any more.
    opening.then((database) => database.close()).catch(() => undefined);
    throw fault(error, "it was opened");
  } finally {
    clearTimeout(timer);
  }
}
