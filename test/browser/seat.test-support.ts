import { describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Standalone } from '../e2e/standalone.js';
import { DESK, isBrowserHere, openBrowser, screenshot, violationsOf, watchErrors } from './browser.js';

const PASSWORD = 'correct horse battery';

/** Tests that need Chromium; skipped by name where there is none. */
export function describeBrowser(title: string, tests: () => void): void {
  if (isBrowserHere) describe(title, tests);
  else describe.skip(`${title} (skipped: there is no Chromium here)`, tests);
}

/** Somebody before the console of a service that has just started: its first administrator, signed in. */
export class Seat {
  private constructor(
    readonly browser: Browser,
    readonly page: Page,
    readonly errors: string[],
    /** Of the console. */
    readonly origin: string,
  ) {}

  static async at(standalone: Standalone): Promise<Seat> {
    const browser = await openBrowser();
    const page = await browser.newPage({ viewport: DESK, acceptDownloads: true });
    page.setDefaultTimeout(10_000);
    const errors = watchErrors(page);
    const { http, setup } = (await standalone.status()) as unknown as { http: string; setup: string };
    await page.goto(setup);
    await page.getByLabel('Name').fill('anna');
    await page.getByLabel('Password', { exact: false }).first().fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    return new Seat(browser, page, errors, http);
  }

  /** Nothing to complain about, and a picture to look at. */
  async look(name: string): Promise<void> {
    await screenshot(this.page, name);
    expect(await violationsOf(this.page)).toEqual([]);
    expect(this.errors).toEqual([]);
  }
}
