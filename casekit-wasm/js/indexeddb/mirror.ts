// What is found and counted is found in a copy of the workspace in memory, by the indexes of the store there.
// Before each question the copy takes in what was committed since, by whichever tab.
import type { Mirror as NativeMirror } from "../../pkg/casekit.js";
import { native } from "../native.js";
import { placeOf } from "./commit.js";
import { begin, type Database, type RecordRow } from "./layout.js";

/** How many records are taken in without a pause, so that a page stays alive while a workspace is loaded. */
const BATCH = 200;

/** How far a copy has come: the commit, and where in it. */
type Position = [change: number, place: string | []];

const BEGINNING: Position = [0, []];
/** Sorts after every place. */
const END: [] = [];

/** A copy of one workspace. */
export class Mirror {
  readonly #workspace: string;
  #copy: NativeMirror;
  #position: Position = BEGINNING;
  /** Up to which commit deletions were forgotten when this copy was begun. */
  #forgotten = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(workspace: string) {
    this.#workspace = workspace;
    this.#copy = new (native().Mirror)(workspace);
  }

  /** Asks the copy, once it has everything that was committed before this call. */
  ask<T>(database: Database, question: (copy: NativeMirror) => T): Promise<T> {
    const answer = this.#last.then(async () => {
      await this.#catchUp(database);
      return question(this.#copy);
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Frees the copy, once everything that it was asked is answered. It must not be asked any more. */
  end(): void {
    void this.#last.then(() => this.#copy.free());
  }

  async #catchUp(database: Database): Promise<void> {
    for (;;) {
      const [rows, position] = await this.#more(database);
      for (const row of rows) this.#take(row);
      // Not before: a record that cannot be read must be told of each time, and must not hide those after it.
      this.#position = position;
      if (rows.length < BATCH) return;
    }
  }

  /** The next records that were written, and how far that comes. */
  async #more(database: Database): Promise<[RecordRow[], Position]> {
    const transaction = begin(database, ["workspaces", "records"]);
    const row = await transaction.objectStore("workspaces").get(this.#workspace);
    if (!row || (row.change === this.#position[0] && this.#position[1] === END)) return [[], this.#position];
    // What was deleted and forgotten before this copy began was never in it.
    const isMissed = row.forgotten > this.#forgotten && this.#position[0] < row.forgotten;
    if (isMissed && this.#position !== BEGINNING) this.#beginAgain();
    if (this.#position === BEGINNING) this.#forgotten = row.forgotten;
    const range = IDBKeyRange.bound([this.#workspace, ...this.#position], [this.#workspace, END], true);
    const rows = await transaction.objectStore("records").index("by_change").getAll(range, BATCH);
    const last = rows.at(-1);
    return [rows, rows.length === BATCH && last ? [last.change, last.place] : [row.change, END]];
  }

  /** What was deleted long ago cannot be learnt any more. */
  #beginAgain(): void {
    this.#copy.free();
    this.#copy = new (native().Mirror)(this.#workspace);
    this.#position = BEGINNING;
  }

  #take({ place, body }: RecordRow): void {
    const { kind, id } = placeOf(place);
    if (body === null) this.#copy.remove(kind, id);
    else this.#copy.put(kind, body);
  }
}
