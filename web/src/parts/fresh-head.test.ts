import { describe, expect, it } from '@jest/globals';
import { withFreshHead } from './fresh-head.js';

interface Page {
  rows: string[];
  cursor?: string;
}

const SHAPE = {
  rowsOf: ({ rows }: Page) => rows,
  withRows: (page: Page, rows: string[]): Page => ({ ...page, rows }),
  idOf: (row: string) => row,
};
const page = (rows: string, cursor?: string): Page => ({
  rows: rows === '' ? [] : rows.split(' '),
  ...(cursor === undefined ? {} : { cursor }),
});
const fresh = (pages: Page[], head: Page) => withFreshHead(pages, head, SHAPE);

describe('a list whose first page was asked for anew', () => {
  const pages = [page('f e d', '1'), page('c b a')];

  it('has what is new in front, and loses nothing that was pushed off', () => {
    expect(fresh(pages, page('h g f', '9'))).toEqual([page('h g f e d', '1'), page('c b a')]);
  });

  it('loses what is no longer there', () => {
    expect(fresh(pages, page('f d', '9'))).toEqual([page('f d', '1'), page('c b a')]);
  });

  it('has a row once that moved to the front', () => {
    expect(fresh(pages, page('b f e', '9'))).toEqual([page('b f e d', '1'), page('c a')]);
  });

  it('begins anew where more than a page is new, and where all is on one page', () => {
    expect(fresh(pages, page('z y x', '9'))).toEqual([page('z y x', '9')]);
    expect(fresh(pages, page('f'))).toEqual([page('f')]);
    expect(fresh(pages, page(''))).toEqual([page('')]);
  });

  it('goes on behind the page at which the head ends', () => {
    expect(fresh([page('f', '1'), page('e d', '2'), page('c')], page('f e', '9'))).toEqual([
      page('f e d', '2'),
      page('c'),
    ]);
  });
});
