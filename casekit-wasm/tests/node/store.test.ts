// What `casekit/store` refuses to those who write a store.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, initialise, MemoryStore } from "casekit";
import { CommitPlan, evalAggregate, evalQuery } from "casekit/store";
import { opened, refused } from "../support.js";

await initialise();

test("a commit is not decided by a part of what must be seen", async () => {
  const plan = new CommitPlan(await firstCommit());
  const { records, uniques } = plan.reads;
  const whole = { versions: records.map(() => null), holders: uniques.map(() => null), seq: 0, number: 0 };
  assert.equal(plan.decide(whole).answer.seq, 1);
  const wrong = [
    { ...whole, versions: [] },
    { ...whole, versions: [...whole.versions, null] },
    { ...whole, holders: [...whole.holders, null] },
  ];
  for (const seen of wrong) {
    const error = await refused(() => plan.decide(seen));
    assert.equal(error.kind, "bug");
    assert.match(error.message, /the store has seen \d (versions|holders) of \d/);
  }
});

test("what is no text is refused before the native half reads it", async () => {
  const wrong = [null, undefined, 7, {}, []] as never[];
  for (const given of wrong) {
    const calls = [
      () => new CommitPlan(given),
      () => evalQuery(given, "[]"),
      () => evalAggregate("{}", given),
      () => new MemoryStore().commit(given),
      () => new MemoryStore().feed(given, 0, 1),
    ];
    for (const call of calls) {
      const error = await refused(call);
      assert.equal(error.kind, "invalid");
      assert.match(error.message, /must be a text$/);
    }
  }
});

/** What a store is given to commit first. */
async function firstCommit(): Promise<string> {
  const sets: string[] = [];
  class Recording extends MemoryStore {
    override commit(set: string): Promise<string> {
      sets.push(set);
      return super.commit(set);
    }
  }
  await opened(await connect(new Recording()));
  return sets[0] ?? "";
}
