// Keeps what is shown up to date: in this tab and in every other one.
import type { Desk } from "casekit";

/** Calls `changed` after every change in the workspace, until the function that is given back is called. */
export function follow(desk: Desk, workspace: string, changed: () => void): () => void {
  const controller = new AbortController();
  void (async () => {
    try {
      for await (const _ of desk.events(workspace, { after: await last(desk, workspace), signal: controller.signal })) changed();
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  })();
  return () => controller.abort();
}

/** The sequence number of the newest event. */
async function last(desk: Desk, workspace: string): Promise<number> {
  const { events } = await desk.system(workspace).readAudit({ limit: 1, direction: "descending" });
  return events[0]?.seq ?? 0;
}
