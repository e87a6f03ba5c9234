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

/**
 * Requests that were given up, by name: the browser has them still, and would let another wait behind them
 * without a word about other tabs.
 */
const givenUp = new Map<string, Opening>();

/** Opens the database, created or upgraded if need be. */
export async function open(name: string, endings: Endings): Promise<Database> {
  if (typeof indexedDB === "undefined") {
    throw new CasekitError("unsupported", "there is no IndexedDB here");
  }
  const opening = givenUp.get(name) ?? new Opening(name);
  givenUp.delete(name);
  try {
    return await opening.wait(endings);
  } catch (error) {
    if (opening.isPending) giveUp(name, opening);
    throw fault(error, "it was opened");
  }
}

/** Keeps a request for the next who asks. Should it be granted before that, nobody needs it any more. */
function giveUp(name: string, opening: Opening): void {
  givenUp.set(name, opening);
  const forget = () => givenUp.get(name) === opening && givenUp.delete(name);
  opening.database.then((database) => forget() && database.close(), forget);
}

/** A request to open a database. */
class Opening {
  /** What it gives in the end. */
  readonly database: Promise<Database>;
  isPending = true;
  #limit = new Limit(PATIENCE, `the browser has not opened the database within ${PATIENCE / 1000} s`);
  #endings: Endings | undefined;
  #failed: unknown;

  constructor(name: string) {
    this.database = this.#request(name);
  }

  /** Waits for it, but not without end. */
  async wait(endings: Endings): Promise<Database> {
    this.#endings = endings;
    try {
      return await Promise.race([this.database, this.#limit.begin()]);
    } finally {
      this.#limit.end();
    }
  }

  async #request(name: string): Promise<Database> {
    try {
      const database = await openDB(name, STEPS.length, {
        upgrade: (database, from, _, transaction) => {
          // From here on it goes ahead, for as long as it takes.
          this.#limit.lift();
          this.#upgrade(database as unknown as Database, from, transaction as never);
        },
        blocked: () => this.#limit.change(PATIENCE_WITH_TABS, "another tab holds an older version of the database open: close it"),
        // A newer version of the page wants to upgrade: this one makes room.
        blocking: (_current, _blocked, event) => {
          (event.target as IDBDatabase).close();
          this.#endings?.overtaken();
        },
        terminated: () => this.#endings?.terminated(),
      });
      return database as unknown as Database;
    } catch (error) {
      throw this.#failed ?? error;
    } finally {
      this.isPending = false;
    }
  }

  /** What fails here, on a database that is none of ours, the browser would tell as an upgrade that was aborted. */
  #upgrade(...[database, from, transaction]: Parameters<typeof upgrade>): void {
    transaction.done.catch(() => undefined);
    try {
      upgrade(database, from, transaction);
    } catch (error) {
      this.#failed = error;
      transaction.abort();
    }
  }
}

/** How long something may take, and what is said when that is over: both can change meanwhile. */
class Limit {
  #milliseconds: number;
  #message: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reach: ((error: CasekitError) => void) | undefined;
  #isLifted = false;

  constructor(milliseconds: number, message: string) {
    this.#milliseconds = milliseconds;
    this.#message = message;
  }

  /** Fails when the time is over. */
  begin(): Promise<never> {
    return new Promise((_, reject) => {
      this.#reach = reject;
      this.#start();
    });
  }

  /** It may take so long from now on. */
  change(milliseconds: number, message: string): void {
    this.#milliseconds = milliseconds;
    this.#message = message;
    this.#start();
  }

  /** It may take as long as it takes. */
  lift(): void {
    this.#isLifted = true;
    this.end();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.end();
    if (this.#isLifted) return;
    const error = new CasekitError("unavailable", this.#message);
    this.#timer = setTimeout(() => this.#reach?.(error), this.#milliseconds);
  }
}
