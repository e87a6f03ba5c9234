// A commit: one transaction which reads, checks and writes. Nothing else is waited for in it, for that would
// end it.
import type { IDBPTransaction } from "idb";
import { CommitPlan, type CommitReads, type CommitSeen, type CommitWrites, type Place } from "../store.js";
import { fault } from "./faults.js";
import type { Database, Layout, WorkspaceRow } from "./layout.js";

const STORES = ["records", "uniques", "commits", "workspaces"] as const;

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
  const transaction: Transaction = begin(database, durability);
  // What fails here is told by what follows.
  const finished = transaction.done.catch((error: unknown) => error);
  try {
    const known = await transaction.objectStore("commits").get([reads.workspace, reads.commit]);
    if (known) return { workspace: reads.workspace, answer: known.answer, hasEvents: false };
    const [workspace, seen] = await look(transaction, reads);
    const writes = plan.decide(seen);
    await Promise.all(write(transaction, reads, writes, workspace));
    await transaction.done;
    const hasEvents = writes.answer.seq > workspace.seq;
    return { workspace: reads.workspace, answer: JSON.stringify(writes.answer), hasEvents };
  } catch (error) {
    const why = await undo(transaction, finished, error);
    throw fault(why, "a change was written");
  }
}

function begin(database: Database, durability: "strict" | "relaxed"): Transaction {
  try {
    return database.transaction([...STORES], "readwrite", { durability });
  } catch (error) {
    throw fault(error, "a change was begun");
  }
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

function* write(
  transaction: Transaction,
  { workspace, commit: id }: CommitReads,
  writes: CommitWrites,
  counters: WorkspaceRow,
): Generator<Promise<unknown>> {
  const at = Date.now();
  const change = counters.change + 1;
  const records = transaction.objectStore("records");
  const uniques = transaction.objectStore("uniques");
  for (const place of writes.deleted) {
    yield records.put({ workspace, place: pathOf(place), change, version: 0, body: null, deleted: at });
  }
  for (const { place, version, seq, body } of writes.records) {
    yield records.put({ workspace, place: pathOf(place), change, version, body, ...(seq !== null && { seq }) });
  }
  for (const { name, value } of writes.released) yield uniques.delete([workspace, name, value]);
  for (const [{ name, value }, place] of writes.claimed) {
    yield uniques.put({ workspace, name, value, place: pathOf(place) });
  }
  const answer = JSON.stringify(writes.answer);
  yield transaction.objectStore("commits").put({ workspace, id, answer, at });
  const { number } = writes;
  yield transaction.objectStore("workspaces").put({ ...counters, change, seq: writes.answer.seq, number });
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
