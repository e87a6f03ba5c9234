// Forgets what has served its time: answers to commits, and that records were deleted.
import type { Database } from "./layout.js";

/** Stores remember commits for a day at least. */
const KEPT = 2 * 24 * 60 * 60 * 1000;

/** How much is forgotten at once: the rest the next time. */
const AT_ONCE = 1_000;

export async function forget(database: Database): Promise<void> {
  const old = IDBKeyRange.upperBound(Date.now() - KEPT);
  const transaction = database.transaction(["commits", "records", "workspaces"], "readwrite");
  const commits = transaction.objectStore("commits");
  for (const key of await commits.index("by_time").getAllKeys(old, AT_ONCE)) await commits.delete(key);
  const records = transaction.objectStore("records");
  const workspaces = transaction.objectStore("workspaces");
  for (const { workspace, place, change } of await records.index("by_deleted").getAll(old, AT_ONCE)) {
    await records.delete([workspace, place]);
    const row = await workspaces.get(workspace);
    if (row && row.forgotten < change) await workspaces.put({ ...row, forgotten: change });
  }
  await transaction.done;
}
