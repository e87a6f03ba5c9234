// The connection to the database of one name.
import { openDB } from "idb";
import { CasekitError } from "../errors.js";
import { fault } from "./faults.js";
import { STEPS, upgrade, type Database } from "./layout.js";

/** How long the browser may take to open a database. */
const PATIENCE = 30_000;

/** For how long an upgrade waits for other tabs to close the old version. */
const PATIENCE_WITH_TABS = 10_000;

/** What can end a connection. */
export interface Endings {
  /** A newer version of the page, or somebody who deletes the database, asked for room and got it. */
  overtaken(): void;
  /** The browser closed it. */
  terminated(): void;
}

/** Opens the database, created or upgraded if need be. */
export async function open(name: string, endings: Endings): Promise<Database> {
  if (typeof indexedDB === "undefined") {
    throw new CasekitError("unsupported", "there is no IndexedDB here");
  }
  const limit = new Limit();
  limit.begin(PATIENCE, `the browser has not opened the database within ${PATIENCE / 1000} s`);
  const opening = request(name, endings, limit);
  try {
    return await Promise.race([opening, limit.reached]);
  } catch (error) {
    // Should it open after all, nobody needs it any more.
    opening.then((database) => database.close()).catch(() => undefined);
    throw fault(error, "it was opened");
  } finally {
    limit.end();
  }
}

async function request(name: string, { overtaken, terminated }: Endings, limit: Limit): Promise<Database> {
  const database = await openDB(name, STEPS.length, {
    upgrade: (database, from, _, transaction) => {
      // From here on it goes ahead, for as long as it takes.
      limit.end();
      upgrade(database as unknown as Database, from, transaction as never);
    },
    blocked: () => limit.begin(PATIENCE_WITH_TABS, "another tab holds an older version of the database open: close it"),
    // A newer version of the page wants to upgrade: this one makes room.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      overtaken();
    },
    terminated,
  });
  return database as unknown as Database;
}

/** How long something may take, and what is said when that is over: both can change meanwhile. */
class Limit {
  readonly reached: Promise<never>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reach: (error: CasekitError) => void = () => undefined;

  constructor() {
    this.reached = new Promise((_, reject) => {
      this.#reach = reject;
    });
  }

  begin(milliseconds: number, message: string): void {
    this.end();
    this.#timer = setTimeout(() => this.#reach(new CasekitError("unavailable", message)), milliseconds);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
