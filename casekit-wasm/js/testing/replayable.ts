import type { DeskOptions } from "../options.js";

/** The options of a desk that is the same in every run. */
export interface Replayable extends Required<Pick<DeskOptions, "newId">> {
  now: () => number;
  /** Lets the clock go on. */
  advance: (milliseconds: number) => void;
}

/** A clock that stands still until it is told otherwise, and ids from a counter: the options of a desk. */
export function replayable(start = Date.parse("2026-01-05T09:00:00Z")): Replayable {
  let time = start;
  let made = 0;
  const now = () => time;
  const newId = (now: number) => {
    const head = now.toString(16).padStart(12, "0");
    const tail = (++made).toString(16).padStart(12, "0");
    return `${head.slice(0, 8)}-${head.slice(8)}-7000-8000-${tail}`;
  };
  const advance = (milliseconds: number) => void (time += milliseconds);
  // Not enumerable, so that it is beside the options and none of them: a desk refuses what it does not know.
  return Object.defineProperty({ now, newId, advance }, "advance", { enumerable: false });
}
