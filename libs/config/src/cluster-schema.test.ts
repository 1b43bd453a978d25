import { describe, expect, it } from '@jest/globals';
import { gatewaySchema } from './cluster-schema.js';

const shipper = { principal: 'acme', format: 'beats', agent: 'acme', hosts: ['web-02'] };
const problemsOf = (ingest: object[]) =>
  gatewaySchema.safeParse({ ingest }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('shippers that write to Kafka themselves', () => {
  it('belong to the default tenant, and their stamps to UTC, unless said otherwise', () => {
    expect(gatewaySchema.parse({ ingest: [shipper] }).ingest).toEqual([{ ...shipper, tenant: 'default', zone: 'UTC' }]);
  });

  it.each<[string, object[], string]>([
    ['one principal twice', [shipper, { ...shipper, agent: 'other' }], 'ingest: expected each principal once'],
    ['a host twice', [{ ...shipper, hosts: ['web-02', 'WEB-02'] }], 'ingest.0.hosts: expected each host once'],
    ['no host', [{ ...shipper, hosts: [] }], 'ingest.0.hosts: '],
    ['an unknown zone', [{ ...shipper, zone: 'Mars/Olympus' }], 'ingest.0.zone: expected UTC or an IANA name'],
    ['a principal that no topic can be named after', [{ ...shipper, principal: 'a b' }], 'ingest.0.principal: '],
  ])('are refused: %s', (_, ingest, problem) => {
    expect(problemsOf(ingest)).toEqual([expect.stringContaining(problem)]);
  });
});
