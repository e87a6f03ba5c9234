// What compiles, and has the types that it should have.
import { CasekitError, connect, type AgentSession, type Case, type Desk, type PortalCase } from "casekit";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const sure = <T extends true>(): T | undefined => undefined;

export async function right(desk: Desk, agent: AgentSession): Promise<void> {
  const opened = await agent.openCase({ customer: { name: "Carla", email: "carla@example.com" }, subject: "My printer" });
  sure<Same<typeof opened, Case>>();
  sure<Same<typeof opened.openedAt, Date>>();
  sure<Same<typeof opened.status, "active" | "closed">>();
  sure<Same<typeof opened.assignee, string | null>>();
  sure<Same<typeof opened.attention.awaitingSince, Date | null>>();

  // A time is given as a `Date` or as a text.
  const span = { case: opened.number, direction: "inbound", outcome: "answered" } as const;
  await agent.logCall({ ...span, startedAt: new Date(), endedAt: "2026-01-05T09:00:00Z" });

  // Unions are told apart by a word.
  for await (const { body } of agent.readThread({ case: opened.id })) {
    if (body.type === "message") sure<Same<typeof body.text, string>>();
    else if (body.type === "happening" && body.what === "closed") sure<Same<typeof body.reason, string>>();
  }

  // One page, or all that there is.
  const page = await agent.findCases();
  sure<Same<typeof page.cases, Case[]>>();
  for await (const found of agent.findCases({ filter: { any: [{ status: "closed" }, { tag: "urgent" }] } })) {
    sure<Same<typeof found, Case>>();
  }

  const mine = await desk.customer(agent.workspace, opened.customer).myCase({ case: opened.id });
  sure<Same<typeof mine, PortalCase>>();

  for await (const event of desk.events(agent.workspace, { after: 7, signal: new AbortController().signal })) {
    sure<Same<typeof event.seq, number>>();
  }

  try {
    await using other = await connect("indexeddb:desk");
    await other.health();
  } catch (error) {
    if (error instanceof CasekitError && error.kind === "unavailable") throw error;
  }
}
