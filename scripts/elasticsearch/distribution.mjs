// The reduced distribution of Elasticsearch that Maven Central has, with a plugin for what it lacks.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';

const MAVEN_DEPENDENCY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
const DISTRIBUTION = 'org.elasticsearch.distribution.integ-test-zip:elasticsearch';
/** A Java compiler that runs on a JRE. */
const COMPILER = 'org.eclipse.jdt:ecj:3.43.0';

const REST_HANDLER_PARAMETERS = {
  8: `org.elasticsearch.common.settings.Settings a, org.elasticsearch.common.io.stream.NamedWriteableRegistry b,
      RestController c, org.elasticsearch.common.settings.ClusterSettings d,
      org.elasticsearch.common.settings.IndexScopedSettings e, org.elasticsearch.common.settings.SettingsFilter f,
      org.elasticsearch.cluster.metadata.IndexNameExpressionResolver g,
      Supplier<org.elasticsearch.cluster.node.DiscoveryNodes> h,
      Predicate<org.elasticsearch.features.NodeFeature> i`,
  9: `ActionPlugin.RestHandlersServices a, Supplier<org.elasticsearch.cluster.node.DiscoveryNodes> b,
      Predicate<org.elasticsearch.features.NodeFeature> c`,
};

/** Where a version lies once it is fetched. Root's own cache is closed to the user that the server runs as. */
export function homeOf(version) {
  const ofUser = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fleetwall/elasticsearch');
  const cache =
    process.env.ELASTICSEARCH_CACHE ?? (process.getuid?.() === 0 ? '/var/cache/fleetwall/elasticsearch' : ofUser);
  return join(cache, version);
}

/** Fills the cache, whole or not at all: several processes may do so at once. Answers the server's home. */
export function fetchDistribution(version, java) {
  const home = homeOf(version);
  if (existsSync(home)) return home;
  mkdirSync(join(home, '..'), { recursive: true });
  const work = mkdtempSync(`${home}.fetching-`);
  try {
    maven('unpack', `${DISTRIBUTION}:${version}:zip`, work);
    maven('copy', COMPILER, work);
    const fetched = join(work, `elasticsearch-${version}`);
    addPlugin(fetched, version, java, work);
    mkdirSync(join(fetched, 'logs'), { recursive: true });
    spawnSync('chmod', ['-R', 'a+rX', fetched]);
    if (!existsSync(home)) renameSync(fetched, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return home;
}

function maven(goal, artifact, directory) {
  const args = [`-Dartifact=${artifact}`, `-DoutputDirectory=${directory}`, `-DmarkersDirectory=${directory}/markers`];
  const { status, stdout, stderr } = spawnSync('mvn', ['-q', '-B', `${MAVEN_DEPENDENCY}:${goal}`, ...args], {
    cwd: directory,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Maven could not fetch ${artifact}:\n${stdout}${stderr}`);
}

function addPlugin(home, version, java, work) {
  const major = version.split('.')[0];
  const release = major === '8' ? '17' : '21';
  const source = join(work, 'fleetwall', 'TestPlugin.java');
  mkdirSync(join(work, 'fleetwall'));
  const template = readFileSync(new URL('TestPlugin.java', import.meta.url), 'utf8');
  writeFileSync(source, template.replace(/(?<=\()SIGNATURE/, REST_HANDLER_PARAMETERS[major]));
  const jars = readdirSync(join(home, 'lib')).filter((name) => name.endsWith('.jar'));
  const classPath = jars.map((name) => join(home, 'lib', name)).join(':');
  const compiler = readdirSync(work).find((name) => name.startsWith('ecj-'));
  const classes = join(work, 'classes');
  const { status, stdout, stderr } = spawnSync(
    java,
    ['-jar', join(work, compiler), `-${release}`, '-nowarn', '-cp', classPath, '-d', classes, source],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The plugin for Elasticsearch ${version} does not compile:\n${stdout}${stderr}`);
  const plugin = join(home, 'plugins', 'fleetwall-test');
  mkdirSync(plugin, { recursive: true });
  const compiled = readdirSync(join(classes, 'fleetwall')).map((name) => `fleetwall/${name}`);
  writeFileSync(
    join(plugin, 'fleetwall-test.jar'),
    zip(compiled.map((name) => [name, readFileSync(join(classes, name))])),
  );
  const descriptor = {
    name: 'fleetwall-test',
    description: 'What the reduced distribution lacks',
    version: '1.0',
    classname: 'fleetwall.TestPlugin',
    'java.version': release,
    'elasticsearch.version': version,
  };
  const lines = Object.entries(descriptor).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(plugin, 'plugin-descriptor.properties'), lines.join(''));
}

/** A ZIP archive (APPNOTE 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16): a JRE has no `jar`. */
function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, data] of files) {
    // version needed, flags, method deflate, time, date (1980-01-01), CRC-32, sizes, length of the name, extra
    const common = Buffer.alloc(26);
    const packed = deflateRawSync(data);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0x21, 8);
    // A gzip stream ends with the CRC-32 and the size (RFC 1952).
    gzipSync(data).subarray(-8, -4).copy(common, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name));
    offset += 4 + common.length + name.length + packed.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end]);
}
