// The scenarios that Rust, Python and JavaScript run with the same result, on every store.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { connect } from "casekit";
import { runScenario, type Scenario, type Step } from "casekit/testing";
import { desks } from "../support.js";

const folder = new URL("../../../casekit-testkit/scenarios/", import.meta.url);
const files = readdirSync(folder).sort();
const names = files.filter((file) => !file.endsWith(".expected.json")).map((file) => file.replace(/\.json$/, ""));
const read = (file: string) => readFileSync(new URL(file, folder), "utf8");

test("there are scenarios, and each has a transcript", () => {
  assert.notEqual(names.length, 0);
  const wanted = names.flatMap((name) => [`${name}.json`, `${name}.expected.json`]);
  assert.deepEqual(files, wanted.sort());
});

for (const [where, makeDesk] of Object.entries(desks)) {
  for (const name of names) {
    test(`the scenario ${name} gives the expected transcript, ${where}`, async () => {
      const got = await runScenario(JSON.parse(read(`${name}.json`)) as Scenario, makeDesk);
      assert.equal(got, read(`${name}.expected.json`));
    });
  }
}

const otherwise: Array<[Omit<Step, "as">, RegExp]> = [
  [{ run: "get_case", input: { case: 1 } }, /case `1` was not found/],
  [{ run: "get_case", input: { case: 1 }, error: "denied" }, /case `1` was not found/],
  [{ run: "get_workspace", error: "denied" }, /should have failed as `denied`/],
  [{ run: "get_case", input: { case: "$c.id" } }, /there is no `c`/],
];
for (const [step, wanted] of otherwise) {
  test(`a scenario that goes otherwise fails and says where: ${wanted.source}`, async () => {
    const create: Step = { as: "system", run: "create_workspace", input: { name: "X" } };
    const steps: Step[] = [create, { as: "system", ...step }];
    const run = runScenario({ start: "2026-01-05T09:00:00Z", steps }, (options) => connect("memory:", options));
    await assert.rejects(run, (error: Error) => {
      assert.match(error.message, wanted);
      assert.ok(error.message.startsWith(`step 2 (\`${step.run}\`): `), error.message);
      return true;
    });
  });
}
