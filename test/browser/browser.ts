import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian's package puts it; FLEETWALL_TEST_CHROMIUM names another. */
export const CHROMIUM = process.env.FLEETWALL_TEST_CHROMIUM ?? '/usr/bin/chromium';
export const isBrowserHere = existsSync(CHROMIUM);

/** Ignored by git. */
const ARTEFACTS = 'test/browser/artefacts';

/** The pictures of the README, which UPDATE_SCREENSHOTS=1 takes anew. */
const SCREENSHOTS = 'docs/screenshots';
const IN_README = 'overview alerts alert events blocks address user hosts rules lists reports users audit system'.split(
  ' ',
);

export const DESK = { width: 1_280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A window of its own, at a desk: nobody is signed in there. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: DESK });
  page.setDefaultTimeout(10_000);
  return page;
}

/** What the page complained about: errors of its scripts and console, refusals of its policy, failed requests. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // Before somebody signs in, the answer to who is there is 401, and Chromium notes every such answer.
    const isSignedOut = message.location().url.endsWith('/api/v1/me') && message.text().includes('401');
    if (message.type() === 'error' && !isSignedOut) errors.push(`${message.text()} ${message.location().url}`);
  });
  return errors;
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  // Halfway through a transition colours are not yet those that are read.
  await page.evaluate(`Promise.all(document.getAnimations()
    .filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime))
    .map((each) => each.finished.catch(() => {})))`);
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  if (process.env.UPDATE_SCREENSHOTS === '1' && IN_README.includes(name))
    copyFileSync(join(ARTEFACTS, `${name}.png`), join(SCREENSHOTS, `${name}.png`));
}

/** How many pixels the page is wider than what shows it. */
export function overflowOf(page: Page): Promise<number> {
  const root = 'document.documentElement';
  return page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`);
}

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[] }[];
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical findings of axe on what is shown: `color-contrast: .note`. */
export async function violationsOf(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the page's policy stays as it is.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: Violation[] }> };
    };
    return (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations;
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
