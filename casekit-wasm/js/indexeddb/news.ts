// Tells those who wait for events, in this tab and in others, that there are some.

/** How long is waited at most before one looks again: a message can be lost while a tab sleeps. */
const LOOK_AGAIN = 20_000;

export class News {
  readonly #channel: BroadcastChannel | undefined;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(name: string) {
    if (typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(`casekit:${name}`);
    this.#channel.onmessage = ({ data }: MessageEvent) => this.#wake(String(data));
    // In Node a channel would keep the program running.
    (this.#channel as { unref?: () => void }).unref?.();
  }

  /** There are events in a workspace. */
  tell(workspace: string): void {
    this.#wake(workspace);
    this.#channel?.postMessage(workspace);
  }

  /** Begins to wait for events of a workspace. */
  listen(workspace: string): { heard: Promise<void>; stop: () => void } {
    const waiting = this.#waiting.get(workspace) ?? new Set();
    this.#waiting.set(workspace, waiting);
    let stop = () => {};
    const heard = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_AGAIN);
      (timer as { unref?: () => void }).unref?.();
      stop = () => {
        clearTimeout(timer);
        waiting.delete(stop);
        resolve();
      };
      waiting.add(stop);
    });
    return { heard, stop };
  }

  /** Wakes whoever waits, so that they look again. */
  wakeAll(): void {
    for (const workspace of this.#waiting.keys()) this.#wake(workspace);
  }

  close(): void {
    this.#channel?.close();
    this.wakeAll();
  }

  #wake(workspace: string): void {
    for (const stop of this.#waiting.get(workspace) ?? []) stop();
  }
}
