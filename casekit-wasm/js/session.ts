import { camel, fromWire, json } from "./convert.js";
import type { DeskCore } from "./core.js";
import { CasekitError } from "./errors.js";
import { operations } from "./generated/shapes.js";
import type { Actor } from "./generated/types.js";
import { Paged } from "./pages.js";

/** What somebody may do in a workspace. `desk.agent`, `desk.customer` and `desk.system` give sessions. */
export abstract class Session {
  readonly #core: DeskCore;
  readonly #actor: string;
  /** The workspace. */
  readonly workspace: string;
  /** Who acts. */
  readonly actor: Actor;

  /** @internal */
  constructor(core: DeskCore, workspace: string, actor: Actor) {
    this.#core = core;
    this.workspace = workspace;
    this.actor = actor;
    this.#actor = json(actor);
  }

  /**
   * Runs an operation by its name in core, with values as core has them (`open_case`, `external_id`), without
   * conversion: for programs that pass operations on.
   */
  async call(operation: string, input: unknown = {}): Promise<unknown> {
    if (typeof operation !== "string") throw new CasekitError("invalid", "an operation is named by a text");
    return JSON.parse(await this.#core.call(this.workspace, this.#actor, operation, json(input)));
  }

  /** @internal */
  protected async run<T>(operation: string, input: unknown): Promise<T> {
    const [given, answer] = operations[operation] ?? [0, 0];
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      throw new CasekitError("invalid", `\`${camel(operation)}\` takes an object`);
    }
    const text = await this.#core.call(this.workspace, this.#actor, operation, json(input, given));
    return fromWire(answer, JSON.parse(text)) as T;
  }

  /** @internal */
  protected pages<Page extends object, Item>(operation: string, input: object, list: string): Paged<Page, Item> {
    return new Paged(list, (after) => this.run<Page>(operation, after === undefined ? input : { ...input, after }));
  }
}
