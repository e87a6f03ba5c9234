// What is in the database, and how it becomes so.
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from "idb";

/** A record, or what is left of a deleted one so that others learn of it. */
export interface RecordRow {
  workspace: string;
  /** Kind and id: `case/018f…`. */
  place: string;
  /** Which of the workspace's commits wrote it. */
  change: number;
  version: number;
  /** The record's JSON without its kind; null where it was deleted. */
  body: string | null;
  /** Of an event, its sequence number. */
  seq?: number;
  /** When it was deleted, in milliseconds since 1970. */
  deleted?: number;
}

/** Who holds a unique value. */
export interface UniqueRow {
  workspace: string;
  name: string;
  value: string;
  place: string;
}

/** The answer to a commit, kept for those who ask again. */
export interface CommitRow {
  workspace: string;
  id: string;
  answer: string;
  /** When, in milliseconds since 1970. */
  at: number;
}

/** The counters of a workspace. */
export interface WorkspaceRow {
  workspace: string;
  /** The last commit that wrote something. */
  change: number;
  /** The last event. */
  seq: number;
  /** The last number of a case. */
  number: number;
  /** Deletions up to this commit are forgotten. */
  forgotten: number;
}

/** The end of a key range: lists sort after texts and numbers. */
type Key = IDBValidKey[];

/** The database. */
export interface Layout extends DBSchema {
  records: {
    key: Key;
    value: RecordRow;
    indexes: { by_change: Key; by_seq: Key; by_deleted: number };
  };
  uniques: { key: Key; value: UniqueRow };
  commits: { key: Key; value: CommitRow; indexes: { by_time: number } };
  workspaces: { key: string; value: WorkspaceRow };
}

/** What is in it. */
export const STORES = ["records", "uniques", "commits", "workspaces"] as const;

/** The database, opened. */
export type Database = IDBPDatabase<Layout>;

type Upgrade = IDBPTransaction<Layout, Array<StoreNames<Layout>>, "versionchange">;

/**
 * The steps from an empty database to today's. A step never changes once it was published: to change the
 * layout, add one.
 */
export const STEPS: ReadonlyArray<(database: Database, upgrade: Upgrade) => void> = [
  (database) => {
    const records = database.createObjectStore("records", { keyPath: ["workspace", "place"] });
    records.createIndex("by_change", ["workspace", "change", "place"]);
    records.createIndex("by_seq", ["workspace", "seq"]);
    database.createObjectStore("uniques", { keyPath: ["workspace", "name", "value"] });
    database.createObjectStore("commits", { keyPath: ["workspace", "id"] });
    database.createObjectStore("workspaces", { keyPath: "workspace" });
  },
  // Old commits and deletions are found by their time, to be forgotten.
  (_, upgrade) => {
    upgrade.objectStore("commits").createIndex("by_time", "at");
    upgrade.objectStore("records").createIndex("by_deleted", "deleted");
  },
];

/**
 * Begins a transaction. That it was aborted is told by what was asked of it: whoever does not wait for its end
 * must not leave behind a rejection that nobody handles.
 */
export function begin<Names extends ArrayLike<StoreNames<Layout>>, Mode extends IDBTransactionMode = "readonly">(
  database: Database,
  stores: Names,
  mode?: Mode,
  options?: IDBTransactionOptions,
): IDBPTransaction<Layout, Names, Mode> {
  const transaction = database.transaction(stores, mode, options);
  transaction.done.catch(() => undefined);
  return transaction;
}

/** Brings a database of version `from` to today's. */
export function upgrade(database: Database, from: number, transaction: Upgrade): void {
  for (const step of STEPS.slice(from)) step(database, transaction);
}
