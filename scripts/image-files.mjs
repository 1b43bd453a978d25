// Copies what a running Fleetwall needs, and nothing else, out of a built checkout: packages for production, and of the
// project's own packages the manifest and what was compiled. The Dockerfile calls it; installations by hand may.
//
//   node scripts/image-files.mjs DIRECTORY
import { cpSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ROOT } from './setup.mjs';

const target = process.argv[2];
if (!target) throw new Error('Say where to: node scripts/image-files.mjs DIRECTORY');

// Of no use without a compiler or a debugger, and a third of all bytes.
const UNUSED = /\.(d\.[cm]?ts|[cm]?js\.map|tsbuildinfo)$/;
// The same tables of addresses once more, by other keys.
const UNUSED_TABLES = /@ip-location-db\/(asn\/asn-ipv[46]\.csv|geo-whois-asn-country-mmdb\/.*-ipv[46]\.mmdb)$/;

for (const name of ['package.json', 'node_modules', 'web/dist', ...projects()]) {
  cpSync(join(ROOT, name), join(target, name), { recursive: true, verbatimSymlinks: true, filter: isNeeded });
}

/** Manifests and compiled code of the project's own packages. */
function projects() {
  const { references } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8'));
  return references
    .flatMap(({ path }) => ['package.json', 'dist', 'node_modules'].map((name) => join(path, name)))
    .filter((path) => existsSync(join(ROOT, path)));
}

function isNeeded(path) {
  if (UNUSED.test(path) || UNUSED_TABLES.test(path.replaceAll(sep, '/'))) return false;
  // npm's own note of what it installed, and links to command line programs.
  return !path.endsWith(`${sep}node_modules${sep}.bin`) && statSync(path, { throwIfNoEntry: false }) !== undefined;
}
