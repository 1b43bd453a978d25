import type { paths } from './schema.js';

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : never;
/** What `GET path` answers. */
type Got<P extends keyof paths> = paths[P] extends { get: { responses: { 200: infer R } } } ? Json<R> : never;
/** What `POST path` answers. */
type Posted<P extends keyof paths> = paths[P] extends { post: { responses: { 200: infer R } } } ? Json<R> : never;

export type Me = Got<'/me'>;
export type Role = Me['role'];
export type Overview = Got<'/overview'>;
export type Alert = Got<'/alerts'>['alerts'][number];
export type AlertInFull = Got<'/alerts/{id}'>;
export type Block = Got<'/blocks'>['blocks'][number];
export type Enforcement = Block['enforcement'];
export type AddressReport = Got<'/addresses/{address}'>;
export type Person = Got<'/accounts'>['accounts'][number];
export type Session = Got<'/me/sessions'>['sessions'][number] | Got<'/accounts/{name}/sessions'>['sessions'][number];
export type Token = Got<'/me/tokens'>['tokens'][number];
export type Tenant = Got<'/tenants'>['tenants'][number];
/** Of an address; what is not known is absent. */
export type Origin = Got<'/origins'>['origins'][number];
export type Channel = Got<'/reports/channels'>['channels'][number];
export type UserReport = Got<'/users/{name}'>;
export type AuditEntry = Got<'/audit'>['entries'][number];
export type System = Got<'/system'>;
export type AbuseDraft = Got<'/addresses/{address}/abuse-report'>;
export type Host = Got<'/hosts'>['hosts'][number];
export type SavedSearch = Got<'/searches'>['searches'][number];
/** One ECS document with flat dotted keys. */
export type Event = Got<'/events'>['events'][number];
export type Preview = Posted<'/blocks/preview'>;
export type AllowEntry = Got<'/lists/allow'>['entries'][number];
export type DenyEntry = Got<'/lists/deny'>['entries'][number];
export type AllowPreview = Posted<'/lists/allow/preview'>;
export type DenyPreview = Posted<'/lists/deny/preview'>;
export type RuleList = Got<'/rules'>;
export type Rule = RuleList['rules'][number];
export type Policy = Got<'/policies'>['policies'][number];
export type TriedPiece = Posted<'/rules/test'>['pieces'][number];
export type JudgedRule = NonNullable<TriedPiece['matched']>[number];
export type Prevention = Got<'/alerts/{id}/prevention'>;
