import type { DeskCore } from "./core.js";
import { eventsOf, type EventsOptions } from "./events.js";
import { AgentSession, CustomerSession } from "./generated/sessions.js";
import type { AgentId, CustomerId, Event, WorkspaceId } from "./generated/types.js";

// Browsers that do not know the symbol yet have nothing that would look for it.
const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

/** A help desk on a store. `connect` gives one; several can live in one page or program. */
export class Desk {
  readonly #core: DeskCore;

  /** @internal */
  constructor(core: DeskCore) {
    this.#core = core;
  }

  /** What the agent may do. The host has authenticated them. */
  agent(workspace: WorkspaceId, id: AgentId): AgentSession {
    return new AgentSession(this.#core, workspace, { type: "agent", id });
  }

  /** What the customer may do and see. The host has authenticated them. */
  customer(workspace: WorkspaceId, id: CustomerId): CustomerSession {
    return new CustomerSession(this.#core, workspace, { type: "customer", id });
  }

  /** What the host's own programs do: set-up, intake, imports. */
  system(workspace: WorkspaceId): AgentSession {
    return new AgentSession(this.#core, workspace, { type: "system" });
  }

  /** The events of a workspace, for the host: it sees everything. They are waited for until the desk is closed. */
  events(workspace: WorkspaceId, options: EventsOptions = {}): AsyncGenerator<Event, void, undefined> {
    return eventsOf(this.#core, workspace, options);
  }

  /** A new id, such as for a workspace. */
  newId(): string {
    return this.#core.newId();
  }

  /** Fails unless the store answers: for a host that is asked whether it is well. Changes nothing. */
  health(): Promise<void> {
    return this.#core.health();
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#core.isClosed;
  }

  /** Ends iterators over events, lets calls finish, and closes the store. Nothing can be called afterwards. */
  close(): Promise<void> {
    return this.#core.close();
  }

  /** Closes the desk at the end of `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }
}
