import { describe, expect, it } from '@jest/globals';
import { geoSchema } from './geo-schema.js';

describe('where addresses are from', () => {
  it('nobody is asked for names unless somebody says so', () => {
    expect(geoSchema.parse({})).toEqual({ databases: [], shipped: true, reverseNames: false, resolvers: [] });
  });

  it.each(['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', '[2001:db8::53]:53'])('%s is a resolver', (resolver) => {
    expect(geoSchema.safeParse({ resolvers: [resolver] }).success).toBe(true);
  });

  it.each([
    '',
    'ns.example',
    '192.0.2.53:99999',
    '192.0.2.53:',
    '192.0.2',
    'https://192.0.2.53',
    '192.0.2.53,192.0.2.54',
  ])('%j is none', (resolver) => {
    expect(geoSchema.safeParse({ resolvers: [resolver] }).success).toBe(false);
  });
});
