import type { paths } from './schema.js';

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : never;
/** What `GET path` answers. */
type Got<P extends keyof paths> = paths[P] extends { get: { responses: { 200: infer R } } } ? Json<R> : never;

export type Me = Got<'/me'>;
export type Role = Me['role'];
export type Overview = Got<'/overview'>;
export type Alert = Got<'/alerts'>['alerts'][number];
export type AlertInFull = Got<'/alerts/{id}'>;
export type Block = Got<'/blocks'>['blocks'][number];
export type Enforcement = Block['enforcement'];
export type AddressReport = Got<'/addresses/{address}'>;
export type Channel = Got<'/reports/channels'>['channels'][number];
/** Of an address; what is not known is absent. */
export type Origin = Got<'/origins'>['origins'][number];
export type Host = Got<'/hosts'>['hosts'][number];
/** One ECS document with flat dotted keys. */
export type Event = Got<'/events'>['events'][number];
export type Preview = NonNullable<paths['/blocks/preview']['post']['responses'][200]>['content']['application/json'];
