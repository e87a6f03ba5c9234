// Keeps what is shown up to date: in this tab and in every other one.
import { CasekitError } from "casekit";
import type { Office } from "./desk.js";

/** How long is waited, in milliseconds, before one looks again after a fault that may pass. */
const PAUSE = 1_000;

/** Calls `changed` after every change since the office was opened, until the signal says that nobody looks any more. */
export async function follow({ desk, workspace, seen }: Office, signal: AbortSignal, changed: () => void): Promise<void> {
  let after = seen;
  while (!desk.closed) {
    try {
      for await (const { seq } of desk.events(workspace, { after, signal })) {
        after = seq;
        changed();
      }
    } catch (error) {
      if (!(error instanceof CasekitError && error.retryable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
