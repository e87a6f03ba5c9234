import type { ErrorKind } from "./generated/types.js";

/** What an error can be made with beside its kind and message. */
export interface ErrorFacts {
  /** Facts for programs. */
  details?: unknown;
  /** Whether the same call can succeed later; by default if the kind is `unavailable`, or a commit came too late. */
  retryable?: boolean;
  /** What caused it. */
  cause?: unknown;
  /** For stores: the keys of records that had changed, when a commit came too late. */
  stale?: unknown;
}

/**
 * Whatever goes wrong in casekit. Match on `kind`, show `message` to people.
 *
 * Throw one yourself in a plugin, and it arrives with its kind where the operation was called.
 */
export class CasekitError extends Error {
  override readonly name = "CasekitError";
  /** The kind, to match on. */
  readonly kind: ErrorKind;
  /** Facts for programs, as core has them: for a conflict the field and its current value, for a taken value its holder. */
  readonly details: unknown;
  /** Whether the same call can succeed later. */
  readonly retryable: boolean;
  /** For stores: the keys of records that had changed, when a commit came too late. */
  readonly stale?: unknown;

  constructor(kind: ErrorKind, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = kind;
    this.details = facts.details ?? null;
    this.retryable = facts.retryable ?? (kind === "unavailable" || facts.stale !== undefined);
    if (facts.stale !== undefined) this.stale = facts.stale;
  }
}

/** What was thrown as an error of ours: what is foreign is one that tells of it. */
export function ours(thrown: unknown, failed = "casekit failed"): CasekitError {
  return recognised(thrown) ?? new CasekitError("bug", `${failed}: ${messageOf(thrown)}`, { cause: thrown });
}

/** An error of ours, or of the native half; nothing for anything else. */
export function recognised(thrown: unknown): CasekitError | undefined {
  if (thrown instanceof CasekitError) return thrown;
  if (!(thrown instanceof Error) || thrown.name !== "CasekitError") return undefined;
  const facts = thrown as unknown as ErrorFacts & { kind: ErrorKind };
  return new CasekitError(facts.kind, thrown.message, facts);
}

/** The message of what was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
