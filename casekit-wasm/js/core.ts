// What sessions and events share: the native desk, and whether it is open.
import type { NativeDesk, Stop } from "../pkg/casekit.js";
import { CasekitError, ours } from "./errors.js";
import { native, text } from "./native.js";

/** Something that is closed with the desk. */
export interface Closing {
  close?(): void | Promise<void>;
}

export class DeskCore {
  readonly #desk: NativeDesk;
  readonly #store: Closing;
  readonly #waiting = new Set<Stop>();
  #running = 0;
  #idle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(desk: NativeDesk, store: Closing) {
    this.#desk = desk;
    this.#store = store;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  call(workspace: string, actor: string, operation: string, input: string): Promise<string> {
    return this.#run((desk) => desk.call(text(workspace, "the id of a workspace"), actor, operation, input));
  }

  health(): Promise<void> {
    return this.#run((desk) => desk.health());
  }

  migrate(): Promise<void> {
    return this.#run((desk) => desk.migrate());
  }

  newId(): string {
    this.#refuseClosed();
    try {
      return this.#desk.newId();
    } catch (error) {
      throw ours(error);
    }
  }

  /** The next events as JSON; none when `stop` was called, as it is when the desk is closed. */
  nextEvents(workspace: string, after: number, stop: Stop): Promise<string> {
    return this.#run((desk) => desk.nextEvents(text(workspace, "the id of a workspace"), after, stop));
  }

  /** Something by which waiting is ended. */
  beginWaiting(): Stop {
    this.#refuseClosed();
    const stop = new (native().Stop)();
    this.#waiting.add(stop);
    return stop;
  }

  endWaiting(stop: Stop): void {
    if (this.#waiting.delete(stop)) stop.free();
  }

  /** Ends what waits, lets run what runs, and closes the store. */
  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    for (const stop of this.#waiting) stop.stop();
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    try {
      await this.#store.close?.();
    } catch (error) {
      throw ours(error, "the host's store failed in `close`");
    } finally {
      this.#desk.free();
    }
  }

  async #run<T>(work: (desk: NativeDesk) => Promise<T>): Promise<T> {
    this.#refuseClosed();
    this.#running += 1;
    try {
      return await work(this.#desk);
    } catch (error) {
      throw ours(error);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#idle?.();
    }
  }

  #refuseClosed(): void {
    if (this.isClosed) throw new CasekitError("invalid", "the desk is closed");
  }
}
