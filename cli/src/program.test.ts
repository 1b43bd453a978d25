import { describe, expect, it } from '@jest/globals';
import type { Context } from './context.js';
import { buildProgram, run } from './program.js';
import { recordedOutput } from './recorded-output.test-support.js';

const VERBS = [
  'sessions',
  'sources',
  'standalone',
  'replay',
  'response',
  'status',
  'arm',
  'disarm',
  'block',
  'unblock',
  'blocks',
  'collector',
  'console',
  'correlation',
  'credential',
  'why',
  'allow',
  'deny',
  'doctor',
  'gateway',
  'indexer',
  'selftest',
  'parse',
  'rules',
];

describe('the command line', () => {
  it('has every verb, each described', () => {
    const { commands } = buildProgram({} as Context);
    expect(commands.map((command) => command.name()).sort()).toEqual([...VERBS].sort());
    for (const command of commands) expect(command.description()).toMatch(/^[a-z].{20,}/);
  });

  it.each([
    [['replai'], /unknown command 'replai' \(Did you mean replay\?\)\.\n {2}See `fleetwall help`/],
    [['replay', '--jsno', 'x'], /unknown option '--jsno' \(Did you mean --json\?\)\.\n {2}See `fleetwall help replay`/],
    [['replay'], /missing required argument 'FILE'/],
    [['why'], /missing required argument 'ADDRESS'/],
    [['status', 'now'], /too many arguments for 'status'/],
    [['block', '198.51.100.300'], /"198\.51\.100\.300" is not an IP address or network/],
    [['why', 'fe80::1%eth0'], /a zone \(%\)/],
    [['unblock', '192.0.2.1; flush ruleset'], /is not an IP address/],
    [['allow', '--reason', 'x'], /These options need an address/],
    [['allow', '198.51.100.7'], /must never be blocked: --reason TEXT/],
    [['deny', '198.51.100.7'], /is to be blocked: --reason TEXT/],
    [['deny', '--remove'], /These options need an address/],
    [['replay', '--zone', 'Mars/Base', 'x.log'], /--zone is "Mars\/Base"; expected UTC or an IANA time zone/],
    [['replay', '--from-year', '26', 'x.log'], /--from-year is "26"; expected a year from 1970 to 2100/],
    [['replay', '--top', 'all', 'x.log'], /--top is "all"; expected a whole number/],
    [['parse', '--source', 'sshx', 'x.log'], /--source is "sshx"; expected one of sshd, pam/],
  ])('%j is wrong use: one error, exit code 2', async (argv, expected) => {
    const { output, texts } = recordedOutput();
    expect(await run(argv, output)).toBe(2);
    expect(texts.out).toBe('');
    expect(texts.err).toMatch(expected);
    expect(texts.err.match(/^fleetwall: /gm)).toHaveLength(1);
  });

  it.each([
    [['replay', '/nonexistent/x.log'], /Cannot read \/nonexistent\/x\.log: there is no such file/],
    [['parse', '.'], /Cannot read \.: it is a directory/],
  ])('%j fails: one error, exit code 1', async (argv, expected) => {
    const { output, texts } = recordedOutput();
    expect(await run(argv, output)).toBe(1);
    expect(texts.out).toBe('');
    expect(texts.err).toMatch(expected);
  });
});
