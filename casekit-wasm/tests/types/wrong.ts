// What does not compile. Each line below a `@ts-expect-error` is an error, or this file is one.
import { connect, Desk, type AgentSession, type CustomerSession, type PortalCase } from "casekit";

export async function wrong(agent: AgentSession, customer: CustomerSession, mine: PortalCase): Promise<void> {
  // @ts-expect-error: no customer is given
  await agent.openCase({ subject: "Lamp" });
  // @ts-expect-error: there is no such field
  await agent.openCase({ customer: { name: "Ada" }, colour: "red" });
  // @ts-expect-error: fields are in camel case
  await agent.openCase({ customer: { name: "Ada" }, external_id: null });
  // @ts-expect-error: a subject is a text
  await agent.openCase({ customer: { name: "Ada" }, subject: 7 });
  // @ts-expect-error: there is no such priority
  await agent.openCase({ customer: { name: "Ada" }, priority: "huge" });
  // @ts-expect-error: a case is named by its number or id
  await agent.getCase({ case: true });
  // @ts-expect-error: numbers are numbers
  await agent.getCase({ case: 1n });
  // @ts-expect-error: a case must be named
  await agent.getCase();
  // @ts-expect-error: there is no such operation
  await agent.explode({});
  // @ts-expect-error: what an agent does, a customer does not
  await customer.addNote({ case: 1, text: "hello" });
  // @ts-expect-error: and the other way around
  await agent.openMyCase({ subject: "Lamp", text: "Help" });
  // @ts-expect-error: what is internal is in no case of the portal
  mine.notes;
  // @ts-expect-error: nobody is told by a number
  await agent.reply({ case: 1, message: { text: "Hello", to: 7 } });
  // @ts-expect-error: a time is a `Date` or a text
  await agent.logCall({ case: 1, direction: "inbound", outcome: "answered", startedAt: 7, endedAt: 8 });
  // @ts-expect-error: an answer is awaited first
  agent.getCase({ case: 1 }).subject;
  // @ts-expect-error: the body of an entry may be no message
  (await agent.getEntry({ entry: "" })).body.text;
  // @ts-expect-error: there are no other stores
  await connect("postgres://localhost");
  // @ts-expect-error: a store has seven methods
  await connect({ find: () => "" });
  // @ts-expect-error: the clock tells a time
  await connect("memory:", { now: () => "noon" });
  // @ts-expect-error: a policy decides
  await connect("memory:", { policy: {} });
  // @ts-expect-error: desks come from `connect`
  new Desk();
}
