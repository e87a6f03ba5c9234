// The store in the browser's own database.
import { CasekitError } from "../errors.js";
import type { HostStore } from "../store.js";
import { commit, pathOf, placeOf } from "./commit.js";
import { open } from "./connection.js";
import { fault, isAborted, isClosed } from "./faults.js";
import { forget } from "./forget.js";
import { begin, STORES, type Database, type RecordRow } from "./layout.js";
import { Mirror } from "./mirror.js";
import { News } from "./news.js";

/** How records are looked up, as core writes it. */
type Lookup =
  | { key: { workspace: string; kind: string; id: string } }
  | { unique: [workspace: string, unique: { name: string; value: string }] };

/** After how many commits of its own a tab tidies up again. */
const COMMITS_PER_TIDYING = 1_000;

/** Within how many milliseconds after a browser has aborted what is under way it tells that a connection is closed. */
const CLOSING = 10;

/** How a database is used. */
export interface IndexedDbOptions {
  /** Whether a commit waits until the disk has it. */
  durability?: "strict" | "relaxed";
}

/** A store in IndexedDB, which several tabs can share. */
export class IndexedDbStore implements HostStore {
  readonly #name: string;
  readonly #durability: "strict" | "relaxed";
  readonly #news: News;
  readonly #mirrors = new Map<string, Mirror>();
  #opening: Promise<Database> | undefined;
  #commits = 0;
  #gone: CasekitError | undefined;

  constructor(name: string, { durability = "strict" }: IndexedDbOptions = {}) {
    this.#name = name;
    this.#durability = durability;
    this.#news = new News(name);
  }

  async migrate(): Promise<void> {
    const database = await this.#do("it was opened", async (database) => {
      // One that is none of ours does not have these.
      await begin(database, [...STORES]).done;
      return database;
    });
    this.#tidy(database);
  }

  commit(set: string): Promise<string> {
    return this.#do("a change was written", async (database) => {
      const { workspace, answer, hasEvents } = await commit(database, set, this.#durability);
      if (hasEvents) this.#news.tell(workspace);
      this.#commits += 1;
      if (this.#commits % COMMITS_PER_TIDYING === 0) this.#tidy(database);
      return answer;
    });
  }

  load(lookups: string): Promise<string> {
    return this.#do("records were read", async (database) => {
      const rows = await look(database, JSON.parse(lookups) as Lookup[]);
      return `[${rows.map(tagged).join(",")}]`;
    });
  }

  find(query: string): Promise<string> {
    return this.#ask(query, "find");
  }

  aggregate(aggregate: string): Promise<string> {
    return this.#ask(aggregate, "aggregate");
  }

  feed(workspace: string, after: number, limit: number): Promise<string> {
    // Asked for none, an index gives all.
    if (limit === 0) return Promise.resolve("[]");
    return this.#do("events were read", async (database) => {
      const range = IDBKeyRange.bound([workspace, after], [workspace, []], true);
      const rows = await begin(database, ["records"]).objectStore("records").index("by_seq").getAll(range, limit);
      return `[${rows.map((row) => row.body).join(",")}]`;
    });
  }

  async wait(workspace: string, after: number): Promise<void> {
    // Listening begins before looking, so that nothing in between is missed.
    const { heard, stop } = this.#news.listen(workspace);
    try {
      const seq = await this.#do("events were waited for", (database) => lastSeq(database, workspace));
      // Who has seen an event that was never here has seen it in a database that was cleared, and would miss those
      // of this one.
      if (seq < after) throw new CasekitError("storage", `there is no event ${after}: the data was cleared, reload the page`);
      if (seq === after) await heard;
    } finally {
      stop();
    }
  }

  async close(): Promise<void> {
    this.#gone = new CasekitError("invalid", "the store is closed");
    this.#news.close();
    const database = await this.#opening?.catch(() => undefined);
    database?.close();
    this.#endMirrors();
  }

  #ask(question: string, how: "find" | "aggregate"): Promise<string> {
    const { workspace } = JSON.parse(question) as { workspace: string };
    return this.#do("records were looked for", (database) => {
      const mirror = this.#mirrors.get(workspace) ?? new Mirror(workspace);
      this.#mirrors.set(workspace, mirror);
      return mirror.ask(database, (copy) => copy[how](question));
    });
  }

  /** Nobody waits for this, and nothing depends on it: should it fail, it is tried again another time. */
  #tidy(database: Database): void {
    forget(database).catch(() => undefined);
  }

  /** Works on the database; once more if the connection has ended meanwhile, for browsers close some. */
  async #do<T>(doing: string, work: (database: Database) => Promise<T>): Promise<T> {
    let failed: unknown;
    for (let attempt = 0; attempt < 2; attempt++) {
      const connection = this.#database();
      const database = await connection;
      try {
        return await work(database);
      } catch (error) {
        failed = error;
        // A browser aborts what is under way before it tells that it has closed the connection.
        if (isAborted(error)) await new Promise((resolve) => setTimeout(resolve, CLOSING));
        if (isClosed(error)) this.#drop(connection);
        if (this.#opening === connection) break;
      }
    }
    throw fault(failed, doing);
  }

  #database(): Promise<Database> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (this.#opening) return this.#opening;
    const connection = open(this.#name, {
      overtaken: () => this.#lose(),
      terminated: () => this.#drop(connection),
    });
    connection.catch(() => this.#drop(connection));
    this.#opening = connection;
    return connection;
  }

  /** Forgets a connection that has ended: the next who needs one opens it. */
  #drop(connection: Promise<Database>): void {
    if (this.#opening !== connection) return;
    this.#opening = undefined;
    // The next may be to a database without what these have seen: perhaps the data was cleared.
    this.#endMirrors();
    this.#news.wakeAll();
  }

  #endMirrors(): void {
    for (const mirror of this.#mirrors.values()) mirror.end();
    this.#mirrors.clear();
  }

  /** A newer version of the page has the database, or it was deleted: it is gone for good. */
  #lose(): void {
    this.#gone ??= new CasekitError(
      "storage",
      "the database was closed for a newer version of casekit in another tab, or its data was cleared: reload the page",
    );
    this.#news.wakeAll();
  }
}

/** The last event of a workspace; 0 of one that is not there. */
async function lastSeq(database: Database, workspace: string): Promise<number> {
  const row = await begin(database, ["workspaces"]).objectStore("workspaces").get(workspace);
  return row?.seq ?? 0;
}

async function look(database: Database, lookups: Lookup[]): Promise<Array<RecordRow | undefined>> {
  const transaction = begin(database, ["records", "uniques"]);
  const records = transaction.objectStore("records");
  const uniques = transaction.objectStore("uniques");
  const one = async (lookup: Lookup) => {
    if ("key" in lookup) return records.get([lookup.key.workspace, pathOf(lookup.key)]);
    const [workspace, { name, value }] = lookup.unique;
    const held = await uniques.get([workspace, name, value]);
    return held && records.get([workspace, held.place]);
  };
  return Promise.all(lookups.map(one));
}

/** A record with its kind, as core reads it. */
function tagged(row: RecordRow | undefined): string {
  if (!row || row.body === null) return "null";
  return `{"kind":"${placeOf(row.place).kind}",${row.body.slice(1)}`;
}
