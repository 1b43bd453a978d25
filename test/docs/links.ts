import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorOf } from './markdown.js';

const FOLDERS = ['docs', 'libs', 'collector', 'services', 'cli', 'rules', 'policies', 'test'];

/** All Markdown of the project, relative to its root. */
export function markdownFiles(root: string): string[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'));
  const below = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).map((name) => `${folder}/${name}`),
  );
  return [...top, ...below.filter((path) => path.endsWith('.md') && !/\/(node_modules|dist)\//.test(path))].sort();
}

/** Links of a file that point nowhere in the project: to no file, or to no heading of a Markdown file. */
export function brokenLinks(root: string, file: string): string[] {
  const text = withoutCode(readFileSync(join(root, file), 'utf8'));
  const links = [...text.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
  return links.filter((link) => !/^[a-z]+:/.test(link) && !exists(root, file, link));
}

function exists(root: string, file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, file) : normalize(join(root, dirname(file), decodeURI(path)));
  if (!existsSync(target)) return false;
  if (anchor === undefined || !target.endsWith('.md')) return true;
  const headings = [...withoutCode(readFileSync(target, 'utf8')).matchAll(/^#+ (.*)$/gm)];
  return headings.some((match) => anchorOf(match[1] as string) === anchor);
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '');
}
