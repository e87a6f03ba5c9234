// A commit: one transaction which reads, checks and writes. Nothing else is waited for in it, for that would
// end it.
import { unwrap, type IDBPTransaction } from "idb";
import { CommitPlan, type CommitReads, type CommitSeen, type CommitWrites, type Place } from "../store.js";
import { begin, STORES, type CommitRow, type Database, type Layout, type RecordRow, type UniqueRow, type WorkspaceRow } from "./layout.js";

type Transaction = IDBPTransaction<Layout, Array<(typeof STORES)[number]>, "readwrite">;

/** What a commit gave: its answer, and whether there are events to tell of. */
export interface Done {
  workspace: string;
  answer: string;
  hasEvents: boolean;
}

export async function commit(database: Database, set: string, durability: "strict" | "relaxed"): Promise<Done> {
  const plan = new CommitPlan(set);
  const { reads } = plan;
  const transaction: Transaction = begin(database, [...STORES], "readwrite", { durability });
  // What fails here is told by what follows.
  const finished = transaction.done.catch((error: unknown) => error);
  const refused = firstRefusal(transaction);
  try {
    const known = await transaction.objectStore("commits").get([reads.workspace, reads.commit]);
    if (known) return { workspace: reads.workspace, answer: known.answer, hasEvents: false };
    const [workspace, seen] = await look(transaction, reads);
    const writes = plan.decide(seen);
    write(transaction, reads, writes, workspace);
    await transaction.done;
    const hasEvents = writes.answer.seq > workspace.seq;
    return { workspace: reads.workspace, answer: JSON.stringify(writes.answer), hasEvents };
  } catch (error) {
    const why = await undo(transaction, finished, error);
    throw refused() ?? why;
  }
}

/** Which request failed first, and so made the others end: the transaction does not always tell. */
function firstRefusal(transaction: Transaction): () => DOMException | undefined {
  let first: DOMException | undefined;
  (unwrap(transaction) as unknown as IDBTransaction).addEventListener("error", ({ target }) => {
    const { error } = target as IDBRequest;
    if (error && error.name !== "AbortError") first ??= error;
  });
  return () => first;
}

async function look(transaction: Transaction, reads: CommitReads): Promise<[WorkspaceRow, CommitSeen]> {
  const { workspace } = reads;
  const records = transaction.objectStore("records");
  const uniques = transaction.objectStore("uniques");
  const [row, found, held] = await Promise.all([
    transaction.objectStore("workspaces").get(workspace),
    Promise.all(reads.records.map((place) => records.get([workspace, pathOf(place)]))),
    Promise.all(reads.uniques.map(({ name, value }) => uniques.get([workspace, name, value]))),
  ]);
  const counters = row ?? { workspace, change: 0, seq: 0, number: 0, forgotten: 0 };
  const versions = found.map((record) => (record && record.body !== null ? record.version : null));
  const holders = held.map((unique) => (unique ? placeOf(unique.place) : null));
  return [counters, { versions, holders, seq: counters.seq, number: counters.number }];
}

/** Writes without waiting for each row: what fails aborts the transaction, whose end tells of it. */
function write(
  transaction: Transaction,
  { workspace, commit: id }: CommitReads,
  writes: CommitWrites,
  counters: WorkspaceRow,
): void {
  const at = Date.now();
  const change = counters.change + 1;
  const put = (store: (typeof STORES)[number], row: object) => void raw(transaction, store).put(row);
  for (const place of writes.deleted) {
    put("records", { workspace, place: pathOf(place), change, version: 0, body: null, deleted: at } satisfies RecordRow);
  }
  for (const { place, version, seq, body } of writes.records) {
    const row: RecordRow = { workspace, place: pathOf(place), change, version, body, ...(seq !== null && { seq }) };
    put("records", row);
  }
  for (const { name, value } of writes.released) raw(transaction, "uniques").delete([workspace, name, value]);
  for (const [{ name, value }, place] of writes.claimed) {
    put("uniques", { workspace, name, value, place: pathOf(place) } satisfies UniqueRow);
  }
  const { answer, number } = writes;
  put("commits", { workspace, id, answer: JSON.stringify(answer), at } satisfies CommitRow);
  put("workspaces", { ...counters, change, seq: answer.seq, number } satisfies WorkspaceRow);
}

/** A store without a promise for each request. */
function raw(transaction: Transaction, store: (typeof STORES)[number]): IDBObjectStore {
  return unwrap(transaction.objectStore(store)) as unknown as IDBObjectStore;
}

/** Takes back what was written, and gives the reason: the transaction's own, if it has one. */
async function undo(transaction: Transaction, finished: Promise<unknown>, error: unknown): Promise<unknown> {
  try {
    transaction.abort();
    await finished;
    return error;
  } catch {
    // It was aborted already, by the browser: for want of space, perhaps, which only the transaction tells.
    const why = await finished;
    return (error as Error).name === "AbortError" && why instanceof Error ? why : error;
  }
}

/** Where a record is, as one text. */
export function pathOf({ kind, id }: Place): string {
  return `${kind}/${id}`;
}

/** The other way around. */
export function placeOf(path: string): Place {
  const [kind = "", id = ""] = path.split("/");
  return { kind, id };
}
