// Keeps what is shown up to date: in this tab and in every other one.
import type { Office } from "./desk.js";

/** Calls `changed` after every change since the office was opened, until the signal says that nobody looks any more. */
export async function follow({ desk, workspace, seen }: Office, signal: AbortSignal, changed: () => void): Promise<void> {
  for await (const _ of desk.events(workspace, { after: seen, signal })) changed();
}
