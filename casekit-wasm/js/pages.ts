/**
 * The answer of an operation that lists: await it for one page, or iterate over it for all that there is.
 *
 * ```js
 * const { cases, next } = await agent.findCases({ limit: 50 });
 * for await (const found of agent.findCases({ limit: 50 })) console.log(found.subject);
 * ```
 *
 * Nothing is asked before that.
 */
export class Paged<Page extends object, Item> implements Promise<Page>, AsyncIterable<Item> {
  readonly [Symbol.toStringTag] = "Paged";
  readonly #list: string;
  readonly #ask: (after?: string) => Promise<Page>;
  #first: Promise<Page> | undefined;

  /** @internal */
  constructor(list: string, ask: (after?: string) => Promise<Page>) {
    this.#list = list;
    this.#ask = ask;
  }

  /** The first page. */
  #page(): Promise<Page> {
    this.#first ??= this.#ask();
    return this.#first;
  }

  then<Done = Page, Failed = never>(
    done?: ((page: Page) => Done | PromiseLike<Done>) | null,
    failed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return this.#page().then(done, failed);
  }

  catch<Failed = never>(failed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null): Promise<Page | Failed> {
    return this.#page().catch(failed);
  }

  finally(last?: (() => void) | null): Promise<Page> {
    return this.#page().finally(last);
  }

  /** Everything, page after page. What does not change meanwhile is given exactly once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    let page: Page | undefined = await this.#page();
    while (page) {
      const { [this.#list]: items, next } = page as { [list: string]: Item[] } & { next?: string | null };
      yield* items ?? [];
      page = next ? await this.#ask(next) : undefined;
    }
  }
}
