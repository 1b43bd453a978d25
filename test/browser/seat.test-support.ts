import { corpusLine } from '@fleetwall/testkit';
import { describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { Standalone, until } from '../e2e/standalone.js';
import { isBrowserHere, openBrowser, openPage, screenshot, violationsOf, watchErrors } from './browser.js';

export const PASSWORD = 'correct horse battery';

/** Tests that need Chromium; skipped by name where there is none. */
export function describeBrowser(title: string, tests: () => void): void {
  if (isBrowserHere) describe(title, tests);
  else describe.skip(`${title} (skipped: there is no Chromium here)`, tests);
}

/** A failed logon, as root or as somebody else that sshd knows; `invalid user guest` is one whose name is masked. */
export function failure(address: string, secondsAgo: number, pid: number, user = 'root'): string {
  const rest = `web-01 sshd[${pid}]: Failed password for ${user} from ${address} port ${40_000 + pid} ssh2`;
  return corpusLine({ timeMs: Date.now() - secondsAgo * 1_000, rest }, 'rfc3164');
}

/** Nothing to complain about, and a picture to look at. */
export async function look(page: Page, errors: string[], name: string): Promise<void> {
  await screenshot(page, name);
  expect(await violationsOf(page)).toEqual([]);
  expect(errors).toEqual([]);
}

/** Somebody before the console of a service of its own. */
export class Seat {
  readonly standalone: Standalone;
  browser!: Browser;
  page!: Page;
  errors!: string[];
  /** Of the console. */
  origin!: string;

  /** @param env options as variables */
  constructor(env: Record<string, string> = {}) {
    this.standalone = new Standalone({ TZ: 'UTC', ...env });
  }

  /** The service starts, its log grows by these lines, and they block these addresses; a page is open and still empty. */
  async open(lines: readonly string[], blocked: readonly string[] = []): Promise<void> {
    this.standalone.append([]);
    await this.standalone.start();
    this.standalone.append(lines);
    for (const address of blocked) await until(`the block of ${address}`, () => this.standalone.isBlocked(address));
    this.browser = await openBrowser();
    this.page = await openPage(this.browser);
    this.errors = watchErrors(this.page);
  }

  /** The same, and the first administrator is signed in. */
  async take(lines: readonly string[], blocked: readonly string[] = []): Promise<void> {
    await this.open(lines, blocked);
    await this.setUp();
    await this.page.keyboard.press('Enter');
    await this.page.getByRole('heading', { name: 'Overview' }).waitFor();
  }

  /** The form for the first administrator, filled in. */
  async setUp(): Promise<void> {
    const { http, setup } = (await this.standalone.status()) as unknown as { http: string; setup: string };
    this.origin = http;
    await this.page.goto(setup);
    await this.page.getByLabel('Name').fill('anna');
    await this.page.getByLabel('Password', { exact: false }).first().fill(PASSWORD);
  }

  look(name: string): Promise<void> {
    return look(this.page, this.errors, name);
  }

  /** Also after a beginning that failed halfway. */
  async leave(): Promise<void> {
    await this.browser?.close();
    await this.standalone.remove();
  }
}
