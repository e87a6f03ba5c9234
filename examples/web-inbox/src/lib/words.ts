// How things are told to people.
import { CasekitError, type Entry, type PortalEntry } from "casekit";

const times = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const days = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });

/** A time of today by its hour, an earlier one by its day. */
export function when(time: Date): string {
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? times.format(time) : days.format(time);
}

/** The two letters in the place of a picture. */
export function initials(name: string): string {
  const words = name.split(" ").filter((word) => word !== "");
  return words.slice(0, 2).map((word) => word[0]).join("").toUpperCase();
}

/** What went wrong, for people. */
export function told(error: unknown): string {
  return error instanceof CasekitError ? error.message : String(error);
}

/** Whether it went wrong because something is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof CasekitError && error.kind === "not_found";
}

/** A line of a thread as both sides show it. */
export interface Line {
  id: string;
  at: Date;
  who: string;
  side: "staff" | "customer" | "system";
  kind: "message" | "note" | "happening";
  text: string;
}

/** An entry as the agent sees it. */
export function staffLine({ id, at, author, body }: Entry): Line {
  const who = author.type === "system" ? "casekit" : author.name;
  const side = author.type === "agent" ? "staff" : author.type === "system" ? "system" : "customer";
  switch (body.type) {
    case "message":
      return { id, at, who, side, kind: "message", text: body.text };
    case "note":
    case "comment":
      return { id, at, who, side, kind: "note", text: body.text };
    case "call":
      return { id, at, who, side, kind: "happening", text: `${who} had a call` };
    case "redacted":
      return { id, at, who, side, kind: "happening", text: "What was here was taken out" };
    case "happening":
      return { id, at, who, side, kind: "happening", text: happened(body.what, author.type === "system" ? "" : ` by ${who}`) };
  }
}

function happened(what: string, by: string): string {
  return `${HAPPENED[what] ?? what.replaceAll("_", " ")}${by}`;
}

const HAPPENED: Record<string, string> = {
  opened: "Opened",
  closed: "Closed",
  reopened: "Reopened",
  taken: "Taken",
  assigned: "Assigned",
  stage_changed: "Moved on",
};

/** An entry as the customer sees it. */
export function customerLine({ id, at, author, body }: PortalEntry): Line {
  const who = author.type === "you" ? "You" : author.type === "agent" ? author.name : "Us";
  const side = author.type === "you" ? "customer" : author.type === "agent" ? "staff" : "system";
  if (body.type === "message") return { id, at, who, side, kind: "message", text: body.text };
  const by = author.type === "agent" ? ` by ${author.name}` : author.type === "you" ? " by you" : "";
  return { id, at, who, side, kind: "happening", text: happened(body.type, by) };
}
