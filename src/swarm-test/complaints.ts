/**
 * What pages complain about: console errors and warnings, uncaught errors of page and worker, tabs that crash. A test
 * declares what it expects; everything else is left over.
 */
import type { BrowserContext, ConsoleMessage, Page } from './playwright.ts';

/** What counts as a complaint of the console. */
export type Attention = 'errors' | 'warnings';

/** The complaints of all pages of a test. */
export class Complaints {
  readonly #heard: string[] = [];
  readonly #declared: RegExp[] = [];
  readonly #types: ReadonlySet<string>;

  constructor(attention: Attention = 'warnings') {
    this.#types = new Set(attention === 'warnings' ? ['error', 'warning'] : ['error']);
  }

  /** Listens to a context, its pages and their workers. */
  listenTo(context: BrowserContext, name: string): void {
    context.on('console', (message) => this.#console(message, name));
    context.on('weberror', (error) => this.add(name, `uncaught: ${textOf(error.error())}`));
    const watch = (page: Page): unknown => page.on('crash', () => this.add(name, 'the tab crashed'));
    for (const page of context.pages()) watch(page);
    context.on('page', watch);
  }

  /** Declares what a test expects to hear; matched against the text after the viewer's name. */
  expect(...patterns: readonly RegExp[]): void {
    this.#declared.push(...patterns);
  }

  /** Notes a complaint. */
  add(name: string, text: string): void {
    this.#heard.push(`${name}: ${text}`);
  }

  /** Everything heard that no test declared. */
  undeclared(): readonly string[] {
    return this.#heard.filter(
      (line) => !this.#declared.some((pattern) => pattern.test(line.slice(line.indexOf(':') + 2))),
    );
  }

  #console(message: ConsoleMessage, name: string): void {
    const type = message.type();
    if (this.#types.has(type)) this.add(name, `console ${type}: ${message.text()}`);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
