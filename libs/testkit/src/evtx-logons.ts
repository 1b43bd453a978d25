import { EvtxChunkBuilder, type EvtxElement, type EvtxValue, evtxValue } from './evtx-builder.js';

const LOGON_DATA: EvtxElement = {
  name: 'EventData',
  children: ['TargetUserName', 'IpAddress', 'LogonType'].map((name, slot) => ({
    name: 'Data',
    attributes: { Name: [name] },
    children: [{ slot }],
  })),
};

/** System as Windows has it: provider literal, the rest slots, the last one for the event's data. */
export const EVTX_EVENT: EvtxElement = {
  name: 'Event',
  attributes: { xmlns: ['http://schemas.microsoft.com/win/2004/08/events/event'] },
  children: [
    {
      name: 'System',
      children: [
        { name: 'Provider', attributes: { Name: ['Microsoft-Windows-Security-Auditing'] } },
        { name: 'EventID', children: [{ slot: 0, optional: true }], dependency: 0 },
        { name: 'Version', children: [{ slot: 1, optional: true }], dependency: 1 },
        { name: 'Level', children: [{ slot: 1, optional: true }], dependency: 1 },
        { name: 'Keywords', children: [{ slot: 2, optional: true }], dependency: 2 },
        { name: 'TimeCreated', attributes: { SystemTime: [{ slot: 3, optional: true }] } },
        { name: 'EventRecordID', children: [{ slot: 4, optional: true }], dependency: 4 },
        { name: 'Correlation', attributes: { ActivityID: [{ slot: 5, optional: true }] } },
        {
          name: 'Execution',
          attributes: { ProcessID: [{ slot: 6, optional: true }], ThreadID: [{ slot: 7, optional: true }] },
        },
        { name: 'Channel', children: ['Security'] },
        { name: 'Computer', children: [{ slot: 8 }] },
        { name: 'Security', attributes: { UserID: [{ slot: 9, optional: true }] } },
      ],
    },
    { slot: 10, optional: true },
  ],
};

export const EVTX_TIME_MS = Date.UTC(2026, 10, 1, 12, 0, 0, 123);

/** Values of `EVTX_EVENT`; `data` is the last of them. */
export function evtxEventValues(id: number, data: EvtxValue, eventId = 4625): EvtxValue[] {
  return [
    ...[
      evtxValue.u16(eventId),
      evtxValue.u8(0),
      evtxValue.hex64(0x8010000000000000n),
      evtxValue.time(EVTX_TIME_MS),
      evtxValue.u64(BigInt(id)),
    ],
    ...[
      evtxValue.null,
      evtxValue.u32(600),
      evtxValue.u32(2784),
      evtxValue.text('dc-01.example.com'),
      evtxValue.null,
      data,
    ],
  ];
}

export function evtxLogonData(user: string, ip = '192.0.2.7'): EvtxValue {
  return { template: LOGON_DATA, values: [evtxValue.text(user), evtxValue.text(ip), evtxValue.u32(3)] };
}

/** A chunk of failed logons, one of each user. */
export function evtxLogonChunk(users: readonly string[], firstId = 1): EvtxChunkBuilder {
  const chunk = new EvtxChunkBuilder(firstId);
  for (const [i, user] of users.entries()) chunk.add(EVTX_EVENT, evtxEventValues(firstId + i, evtxLogonData(user)));
  return chunk;
}
