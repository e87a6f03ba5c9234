import { fromWire } from "./convert.js";
import type { DeskCore } from "./core.js";
import type { Event } from "./generated/types.js";

/** From where on events are followed, and until when. */
export interface EventsOptions {
  /** Gives the events after this sequence number: 0, the default, for all; `seq` of the last one to resume. */
  after?: number;
  /** Ends the waiting: the iterator then throws the signal's reason. */
  signal?: AbortSignal;
}

/** The events of a workspace, in order, each once; waits for more until the desk is closed. */
export async function* eventsOf(
  core: DeskCore,
  workspace: string,
  { after = 0, signal }: EventsOptions,
): AsyncGenerator<Event, void, undefined> {
  signal?.throwIfAborted();
  const stop = core.beginWaiting();
  const abort = () => stop.stop();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    while (!core.isClosed) {
      const events = fromWire({ list: "Event" }, JSON.parse(await core.nextEvents(workspace, after, stop))) as Event[];
      for (const event of events) {
        signal?.throwIfAborted();
        after = event.seq;
        yield event;
      }
      signal?.throwIfAborted();
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    core.endWaiting(stop);
  }
}
