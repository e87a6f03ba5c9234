// Forgets what has served its time: answers to commits, and that records were deleted.
import { begin, type Database } from "./layout.js";

/** Stores remember commits for a day at least. */
const KEPT = 2 * 24 * 60 * 60 * 1000;

/** How much of each is forgotten in one transaction, so that nobody waits long for it. */
const AT_ONCE = 200;

/** Forgets all that is old now. */
export async function forget(database: Database): Promise<void> {
  const old = IDBKeyRange.upperBound(Date.now() - KEPT);
  let isMore = true;
  while (isMore) isMore = await forgetSome(database, old);
}

/** Whether there may be more. */
async function forgetSome(database: Database, old: IDBKeyRange): Promise<boolean> {
  const transaction = begin(database, ["commits", "records", "workspaces"], "readwrite");
  const commits = transaction.objectStore("commits");
  const answers = await commits.index("by_time").getAllKeys(old, AT_ONCE);
  for (const key of answers) await commits.delete(key);
  const records = transaction.objectStore("records");
  const workspaces = transaction.objectStore("workspaces");
  const deletions = await records.index("by_deleted").getAll(old, AT_ONCE);
  for (const { workspace, place, change } of deletions) {
    await records.delete([workspace, place]);
    const row = await workspaces.get(workspace);
    if (row && row.forgotten < change) await workspaces.put({ ...row, forgotten: change });
  }
  await transaction.done;
  return answers.length === AT_ONCE || deletions.length === AT_ONCE;
}
