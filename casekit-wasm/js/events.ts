import { fromWire } from "./convert.js";
import type { DeskCore } from "./core.js";
import { CasekitError } from "./errors.js";
import type { Event } from "./generated/types.js";

/** From where on events are followed, and until when. */
export interface EventsOptions {
  /** Gives the events after this sequence number: 0, the default, for all; `seq` of the last one to resume. */
  after?: number;
  /** Ends the waiting: the iterator then throws the signal's reason. */
  signal?: AbortSignal;
}

/** The longest pause, in milliseconds, before a store is asked again that ends waits too early. */
const LONGEST_PAUSE = 128;

/** The events of a workspace, in order, each once; waits for more until the desk is closed. */
export function eventsOf(core: DeskCore, workspace: string, options: EventsOptions): AsyncGenerator<Event, void, undefined> {
  const leaving = new AbortController();
  const events = follow(core, workspace, options, leaving.signal);
  const finish = events.return.bind(events);
  // A generator alone would return only after the event that it waits for.
  events.return = (value) => {
    leaving.abort();
    return finish(value);
  };
  return events;
}

async function* follow(
  core: DeskCore,
  workspace: string,
  options: EventsOptions,
  leaving: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  let { after = 0, signal } = checked(options);
  signal?.throwIfAborted();
  const stop = core.beginWaiting();
  const end = () => stop.stop();
  signal?.addEventListener("abort", end, { once: true });
  leaving.addEventListener("abort", end, { once: true });
  let pause = 1;
  try {
    while (!core.isClosed && !leaving.aborted) {
      const events = fromWire({ list: "Event" }, JSON.parse(await core.nextEvents(workspace, after, stop))) as Event[];
      for (const event of events) {
        signal?.throwIfAborted();
        after = event.seq;
        yield event;
      }
      signal?.throwIfAborted();
      pause = events.length > 0 ? 1 : await slept(pause);
    }
  } finally {
    signal?.removeEventListener("abort", end);
    core.endWaiting(stop);
  }
}

/** Lets the page live for a while after a wait that ended too early; gives how long the next such pause is. */
async function slept(pause: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, pause));
  return Math.min(2 * pause, LONGEST_PAUSE);
}

/** The options, which a program without types may have wrong. */
function checked(options: EventsOptions): EventsOptions {
  if (typeof options !== "object" || options === null) {
    throw new CasekitError("invalid", "the options of `events` are an object");
  }
  const { after, signal } = options;
  if (after !== undefined && typeof after !== "number") {
    throw new CasekitError("invalid", "`after` is a sequence number");
  }
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    throw new CasekitError("invalid", "`signal` is an `AbortSignal`");
  }
  return options;
}
