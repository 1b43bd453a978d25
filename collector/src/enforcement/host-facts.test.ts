import { networkInterfaces } from 'node:os';
import { networkText } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { exemptionsOf, ipv4Gateways, ipv6Gateways, readHostFacts, resolversOf, sessionPeers } from './host-facts.js';

const EMPTY = 0;
const USER_PROCESS = 7;
const DEAD_PROCESS = 8;

/** A record of utmp(5) as glibc writes it on 64-bit Linux. */
function utmpRecord(type: number, address: number[]): Buffer {
  const record = Buffer.alloc(384);
  record.writeInt16LE(type, 0);
  record.writeInt32LE(4711, 4);
  record.write('pts/0', 8);
  record.write('alice', 44);
  record.write('client.example.com', 76);
  record.writeInt32LE(1_795_000_000, 340);
  Buffer.from(address).copy(record, 348);
  return record;
}

describe('B06: what this host cannot live without', () => {
  it('gateways of /proc/net/route, whose numbers are in the order of the machine', () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
      'eth1\t0064330A\tFE6433C6\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'eth2\tbroken',
      '',
    ].join('\n');
    expect(ipv4Gateways(table)).toEqual(['192.0.2.1', '198.51.100.254']);
    expect(ipv4Gateways('')).toEqual([]);
  });

  it('next hops of /proc/net/ipv6_route', () => {
    const zero = '0'.repeat(32);
    const table = [
      `${zero} 00 ${zero} 00 20010db8000000000000000000000001 00000400 00000001 00000000 00000003     eth0`,
      `20010db8000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0`,
      `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0`,
      'broken',
    ].join('\n');
    expect(ipv6Gateways(table)).toEqual(['2001:db8::1', 'fe80::1']);
  });

  it('resolvers of resolv.conf, those with a zone too, and no others', () => {
    const text = [
      '# nameserver 192.0.2.99',
      'nameserver 127.0.0.53',
      ' nameserver\t192.0.2.53 # ours',
      'nameserver fe80::1%eth0',
      'nameserver 2001:DB8::53',
      'nameserver dns.example',
      'nameserver',
      'search example.com',
    ].join('\n');
    expect(resolversOf(text)).toEqual(['127.0.0.53', '192.0.2.53', 'fe80::1', '2001:db8::53']);
  });

  it('peers of live sessions in utmp, and not of those that are over', () => {
    const ipv6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5];
    const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 8];
    const utmp = Buffer.concat([
      utmpRecord(EMPTY, [192, 0, 2, 66]),
      utmpRecord(USER_PROCESS, [198, 51, 100, 7]),
      utmpRecord(DEAD_PROCESS, [192, 0, 2, 66]),
      utmpRecord(USER_PROCESS, []),
      utmpRecord(USER_PROCESS, ipv6),
      utmpRecord(USER_PROCESS, mapped),
      utmpRecord(USER_PROCESS, [198, 51, 100, 7]),
      utmpRecord(USER_PROCESS, [192, 0, 2, 66]).subarray(0, 383),
    ]);
    expect(sessionPeers(utmp)).toEqual(['198.51.100.7', '2001:db8:0:1::5', '198.51.100.8']);
    expect(sessionPeers(undefined)).toEqual([]);
    expect(sessionPeers(Buffer.from('no utmp at all'))).toEqual([]);
  });

  it('reads this very host without failing', () => {
    const facts = readHostFacts();
    const loopback = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    expect(facts.own).toHaveLength(loopback.length);
  });

  it('exempts routers by themselves, and the /64 of a session, for that is what would be blocked', () => {
    const { always, sessions } = exemptionsOf({
      own: ['2001:db8:0:1::2'],
      gateways: ['2001:db8::1'],
      resolvers: ['192.0.2.53'],
      sessions: ['2001:db8:0:2::5'],
    });
    const shown = (list: typeof always) => list.map(({ network, reason }) => `${networkText(network)}: ${reason}`);
    expect(shown(always)).toEqual([
      "2001:db8:0:1::2: the host's own address",
      "2001:db8::1: the host's gateway",
      "192.0.2.53: the host's resolver",
    ]);
    expect(shown(sessions)).toEqual(['2001:db8:0:2::/64: a live logon session comes from there']);
  });
});
