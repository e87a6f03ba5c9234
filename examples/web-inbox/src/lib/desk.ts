// Opens the desk in the browser's database, and fills it the first time.
import { CasekitError, connect, type AgentSession, type CustomerSession, type Desk } from "casekit";

/** Who sits in front of the page: an agent on the left, a customer on the right. */
export interface Office {
  desk: Desk;
  workspace: string;
  agent: AgentSession;
  customer: CustomerSession;
  /** The last event before anything was shown. */
  seen: number;
}

const KEPT = "web-inbox";

interface Kept {
  workspace: string;
  agent: string;
  customer: string;
}

export async function openOffice(): Promise<Office> {
  const desk = await connect("indexeddb:web-inbox");
  // Two tabs that are opened at once must not both fill it.
  const { workspace, agent, customer } = await navigator.locks.request(KEPT, () => whoIsThere(desk));
  const seen = await lastEvent(desk, workspace);
  return { desk, workspace, agent: desk.agent(workspace, agent), customer: desk.customer(workspace, customer), seen };
}

async function whoIsThere(desk: Desk): Promise<Kept> {
  const text = localStorage.getItem(KEPT);
  const kept = text ? (JSON.parse(text) as Kept) : undefined;
  if (kept && (await isThere(desk, kept.workspace))) return kept;
  const filled = await fill(desk);
  localStorage.setItem(KEPT, JSON.stringify(filled));
  return filled;
}

/** Whether the database still has the workspace: browsers can clear it and leave the ids. */
async function isThere(desk: Desk, workspace: string): Promise<boolean> {
  try {
    await desk.system(workspace).getWorkspace();
    return true;
  } catch (error) {
    if (error instanceof CasekitError && error.kind === "not_found") return false;
    throw error;
  }
}

/** The sequence number of the newest event. */
async function lastEvent(desk: Desk, workspace: string): Promise<number> {
  const { events } = await desk.system(workspace).readAudit({ limit: 1, direction: "descending" });
  return events[0]?.seq ?? 0;
}

/** A small shop for lamps on an ordinary morning. */
async function fill(desk: Desk): Promise<Kept> {
  const workspace = desk.newId();
  const system = desk.system(workspace);
  await system.createWorkspace({ name: "Lumen & Daughters" });
  const anna = await system.createAgent({ name: "Anna Berg", email: "anna@lumen.example", role: "agent" });
  const carla = { name: "Carla Ruiz", email: "carla@example.com" };
  const stories = [
    [{ name: "Bela Novak", email: "bela@example.com" }, "Where is my order?", "I ordered a floor lamp two weeks ago and have heard nothing since."],
    [carla, "The reading lamp flickers", "Hello, my reading lamp flickers as soon as I dim it below half. Is that normal?"],
    [{ name: "Dirk Visser", email: "dirk@example.com" }, "Invoice for the studio", "Could you send the invoice to our studio’s address instead?"],
  ] as const;
  let customer = "";
  for (const [who, subject, text] of stories) {
    const opened = await system.openCase({ customer: who, subject, origin: "email", message: { by: "customer", message: { text } } });
    if (who === carla) customer = opened.customer;
  }
  return { workspace, agent: anna.id, customer };
}
