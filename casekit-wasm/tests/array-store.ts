// A store of one list, as short as one can be: what a commit means and what a query means is core's to say.
import type { HostStore } from "casekit";
import { CommitPlan, evalAggregate, evalQuery, type CommitWrites, type Place, type Unique } from "casekit/store";

interface Held {
  workspace: string;
  place: Place;
  version: number;
  seq: number | null;
  body: string;
}

interface Space {
  seq: number;
  number: number;
  holders: Map<string, Place>;
  answers: Map<string, string>;
}

type Lookup = { key: Place & { workspace: string } } | { unique: [string, Unique] };

const nameOf = ({ name, value }: Unique) => JSON.stringify([name, value]);

export class ArrayStore implements HostStore {
  #records: Held[] = [];
  readonly #spaces = new Map<string, Space>();
  readonly #waiting = new Set<() => void>();

  migrate(): void {}

  commit(set: string): string {
    const plan = new CommitPlan(set);
    const { workspace, commit, records, uniques } = plan.reads;
    const space = this.#space(workspace);
    const known = space.answers.get(commit);
    if (known) return known;
    const versions = records.map((place) => this.#find(workspace, place)?.version ?? null);
    const holders = uniques.map((unique) => space.holders.get(nameOf(unique)) ?? null);
    return this.#write(workspace, commit, plan.decide({ versions, holders, seq: space.seq, number: space.number }));
  }

  /** The same without looking at what is there: for the tests of the kit. */
  commitUnchecked(set: string): string {
    const changes = JSON.parse(set) as { changes: Array<Record<string, unknown>> };
    const changed = changes.changes.map((change) => ("create" in change ? change : undefined));
    return this.commit(JSON.stringify({ ...changes, changes: changed.filter((change) => change !== undefined) }));
  }

  #write(workspace: string, commit: string, writes: CommitWrites): string {
    const space = this.#space(workspace);
    for (const place of [...writes.deleted, ...writes.records.map((record) => record.place)]) {
      this.#records = this.#records.filter((held) => held !== this.#find(workspace, place));
    }
    this.#records.push(...writes.records.map((record) => ({ workspace, ...record })));
    for (const unique of writes.released) space.holders.delete(nameOf(unique));
    for (const [unique, place] of writes.claimed) space.holders.set(nameOf(unique), place);
    space.seq = writes.answer.seq;
    space.number = writes.number;
    const answer = JSON.stringify(writes.answer);
    space.answers.set(commit, answer);
    for (const wake of this.#waiting) wake();
    return answer;
  }

  load(lookups: string): string {
    const found = (JSON.parse(lookups) as Lookup[]).map((lookup) => {
      if ("key" in lookup) return this.#find(lookup.key.workspace, lookup.key);
      const [workspace, unique] = lookup.unique;
      const holder = this.#space(workspace).holders.get(nameOf(unique));
      return holder && this.#find(workspace, holder);
    });
    return `[${found.map((held) => (held ? tagged(held) : "null")).join(",")}]`;
  }

  find(query: string): string {
    return evalQuery(query, this.#all(query, () => true));
  }

  aggregate(aggregate: string): string {
    const { kind } = JSON.parse(aggregate) as { kind: string };
    return evalAggregate(aggregate, this.#all(aggregate, ({ place }) => place.kind === kind));
  }

  feed(workspace: string, after: number, limit: number): string {
    const events = this.#records.filter((held) => held.workspace === workspace && (held.seq ?? 0) > after);
    events.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
    return `[${events.slice(0, limit).map(({ body }) => body).join(",")}]`;
  }

  async wait(workspace: string, after: number): Promise<void> {
    while (this.#space(workspace).seq <= after) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
      this.#waiting.clear();
    }
  }

  #all(question: string, which: (held: Held) => boolean): string {
    const { workspace } = JSON.parse(question) as { workspace: string };
    const records = this.#records.filter((held) => held.workspace === workspace && which(held));
    return `[${records.map(tagged).join(",")}]`;
  }

  #find(workspace: string, { kind, id }: Place): Held | undefined {
    return this.#records.find((held) => held.workspace === workspace && held.place.kind === kind && held.place.id === id);
  }

  #space(workspace: string): Space {
    const space = this.#spaces.get(workspace) ?? { seq: 0, number: 0, holders: new Map(), answers: new Map() };
    this.#spaces.set(workspace, space);
    return space;
  }
}

function tagged({ place, body }: Held): string {
  return `{"kind":"${place.kind}",${body.slice(1)}`;
}
