// What the browser's database throws, as errors of ours.
import { CasekitError, recognised } from "../errors.js";

/** An error of ours for what was thrown while `doing` something. */
export function fault(thrown: unknown, doing: string): unknown {
  const known = recognised(thrown);
  if (known) return known;
  const { name, message } = thrown as Error;
  const facts = { cause: thrown };
  switch (name) {
    case "QuotaExceededError":
      return new CasekitError("limit", `the storage that this site may use is full: nothing of the change was kept`, facts);
    case "VersionError":
      return new CasekitError("storage", "the database was written by a newer version of casekit", facts);
    case "InvalidStateError":
      return new CasekitError("unavailable", "the database was closed by the browser or by another tab", facts);
    case "SecurityError":
      return new CasekitError("unsupported", "the browser does not let this page use a database", facts);
    case "NotFoundError":
      return new CasekitError("storage", "the database is not one of casekit", facts);
    case "AbortError":
    case "TimeoutError":
    case "UnknownError":
      return new CasekitError("unavailable", `the database failed while ${doing}: ${message}`, facts);
    default:
      return thrown;
  }
}

/** Whether the browser took back what was under way. */
export function isAborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

/** Whether it was thrown because the connection is closed. */
export function isClosed(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "InvalidStateError";
}
