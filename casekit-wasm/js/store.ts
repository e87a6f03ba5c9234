// `casekit/store`: what is needed to write a store in JavaScript.
import { ours } from "./errors.js";
import { native, text } from "./native.js";

/**
 * Where cases live. Every method takes and gives JSON, and may answer at once or with a promise. What each
 * must do is listed in the documentation of the port `Store`; `runStoreConformance` of `casekit/testing` tells
 * whether it does.
 *
 * A commit that comes too late throws a `CasekitError` of kind `conflict` with the keys as `stale`, one whose
 * unique value is held, of kind `taken`: `CommitPlan` does that.
 */
export interface HostStore {
  /** Creates or upgrades what it needs. */
  migrate(): void | Promise<void>;
  /** Applies a change set: all of it or nothing. */
  commit(set: string): string | Promise<string>;
  /** Looks records up, by key or by a unique value. */
  load(lookups: string): string | Promise<string>;
  /** Finds records. */
  find(query: string): string | Promise<string>;
  /** Counts, sums and extremes by group. */
  aggregate(aggregate: string): string | Promise<string>;
  /** The events of a workspace after a sequence number, at most `limit`. */
  feed(workspace: string, after: number, limit: number): string | Promise<string>;
  /** Returns when the workspace may have an event after a sequence number. */
  wait(workspace: string, after: number): void | Promise<void>;
  /** Called once: when the desk is closed, or when none could be opened on the store, for whatever reason. */
  close?(): void | Promise<void>;
}

/** Where a record is in its workspace. */
export interface Place {
  kind: string;
  id: string;
}

/** A value that one record of a workspace holds at most. */
export interface Unique {
  name: string;
  value: string;
}

/** What must be read to decide a commit. */
export interface CommitReads {
  workspace: string;
  /** The id of the commit: if one with this id took effect, give its answer and write nothing. */
  commit: string;
  records: Place[];
  uniques: Unique[];
}

/** What was read, in the order of what was asked for. */
export interface CommitSeen {
  /** The version of each record, null where there is none. */
  versions: Array<number | null>;
  /** Which record holds each unique value, null where none does. */
  holders: Array<Place | null>;
  /** The workspace's last sequence number, 0 at first. */
  seq: number;
  /** The workspace's last number, 0 at first. */
  number: number;
}

/** What must be written, all or nothing. */
export interface CommitWrites {
  /** The answer, to be given as JSON and to be remembered under the id of the commit. */
  answer: { seq: number; numbers: unknown[] };
  number: number;
  /** `body` is the record as JSON without its kind; `seq` is that of an event. */
  records: Array<{ place: Place; version: number; seq: number | null; body: string }>;
  deleted: Place[];
  /** To be taken away before what is claimed is written. */
  released: Unique[];
  claimed: Array<[Unique, Place]>;
}

/**
 * Decides a commit. A store reads what `reads` asks for, gives it to `decide`, and writes what that says, in
 * one transaction; nothing has to be waited for in between.
 */
export class CommitPlan {
  readonly #plan: InstanceType<ReturnType<typeof native>["CommitPlan"]>;
  /** What must be read. */
  readonly reads: CommitReads;

  /** Begins with a change set, as `commit` is given it. Throws if no store could apply it. */
  constructor(set: string) {
    this.#plan = told(() => new (native().CommitPlan)(text(set, "a change set")));
    this.reads = JSON.parse(told(() => this.#plan.reads())) as CommitReads;
  }

  /** What must be written. Throws if records have changed or unique values are held. */
  decide(seen: CommitSeen): CommitWrites {
    return JSON.parse(told(() => this.#plan.decide(JSON.stringify(seen)))) as CommitWrites;
  }
}

/** The page that a query finds among `records`, a list of all of the workspace, of every kind, each with its `kind`. */
export function evalQuery(query: string, records: string): string {
  return told(() => native().evalQuery(text(query, "a query"), text(records, "a list of records")));
}

/** The rows that an aggregate gives of `records`: all of its workspace and kind. */
export function evalAggregate(aggregate: string, records: string): string {
  return told(() => native().evalAggregate(text(aggregate, "an aggregate"), text(records, "a list of records")));
}

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ours(error);
  }
}
