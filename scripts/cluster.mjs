// A whole cluster on this machine with Docker Compose: docs/cluster.md.
//
//   node scripts/cluster.mjs init            makes passwords, certificates and .env; what is there stays as it is
//   node scripts/cluster.mjs up [--demo]     init, then builds and starts everything; --demo: with a host under attack
//   node scripts/cluster.mjs status          what runs, and how healthy it is
//   node scripts/cluster.mjs down            stops everything; data, passwords and certificates stay
import { parseArgs } from 'node:util';
import { compose, whatDockerLacks } from './cluster/docker.mjs';
import { initialise } from './cluster/initialise.mjs';
import { ROOT, SetupError, say, setUp, withSetupErrors } from './setup.mjs';

const VERBS = { init, up, status, down };
const DEMO = ['--profile', 'demo'];

await withSetupErrors(async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { demo: { type: 'boolean' } } });
  const verb = VERBS[positionals[0]];
  if (!verb) throw new SetupError(`Say what to do: node scripts/cluster.mjs ${Object.keys(VERBS).join('|')}`);
  await verb(values);
});

async function init() {
  // Certificates take a package; nothing has to be compiled here.
  setUp({ build: false });
  const made = await initialise(ROOT);
  say(made.length > 0 ? `Made: ${made.join(', ')}.` : 'Everything is there already.');
}

async function up({ demo = false }) {
  await init();
  // Without --wait: it takes containers that did their work and ended for failed ones.
  if (!run([...(demo ? DEMO : []), 'up', '--build', '--detach'])) return;
  say('Started; `node scripts/cluster.mjs status` shows when everything is healthy.');
  say('Grafana is on this machine, port 3000 or GRAFANA_PORT of .env: user admin, password in');
  say('deploy/compose/secrets/grafana-admin.password.');
}

function status() {
  run([...DEMO, 'ps', '--all']);
}

function down() {
  run([...DEMO, 'down']);
}

/** Whether it succeeded; the exit code is that of Docker. */
function run(args) {
  const missing = whatDockerLacks();
  if (missing) throw new SetupError(`${missing}\n  The same processes run without Docker: docs/cluster.md.`);
  process.exitCode = compose(ROOT, args);
  return process.exitCode === 0;
}
