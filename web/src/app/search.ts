import { useNavigate, useSearch } from '@tanstack/react-router';
import { DEFAULT_RANGE, type Range } from './range.js';

/** What the address of any page may say besides its path. */
const FIELDS = ['from', 'to', 'q', 'tab', 'row', 'columns', 'view', 'block', 'saved', 'who', 'what', 'tenant'] as const;
export type Search = { [field in (typeof FIELDS)[number]]?: string };

/** Known fields that are text; others of a link are passed over. */
export function searchOf(raw: Record<string, unknown>): Search {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const value = raw[field];
      return typeof value === 'string' && value !== '' ? [[field, value]] : [];
    }),
  );
}

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const text = new URLSearchParams(searchOf(search) as Record<string, string>).toString();
  return text === '' ? '' : `?${text}`;
}

/** What the address says, and what changes it; a change of place within a page (an open row) makes no step back. */
export function useSearchState(): [Search, (change: Search, isStep?: boolean) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = (changed: Search, isStep = true) =>
    void navigate({ to: '.', search: (before: Search) => ({ ...before, ...changed }), replace: !isStep });
  return [search, change];
}

export function rangeOf(search: Search): Range {
  return { from: search.from ?? DEFAULT_RANGE.from, to: search.to ?? DEFAULT_RANGE.to };
}

/** The part of the address that goes along to another page. */
export function keptSearch({ from, to }: Search): Search {
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}
