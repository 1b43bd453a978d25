import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const GEO_ERRORS = {
  GEO_FILE_UNREADABLE: {
    retryable: true,
    message: 'The database of addresses {path} cannot be read: {reason}.',
    hint: 'Correct `geo.databases`, or put the file there; until then the tables that were in use stay in use.',
  },
  GEO_FILE_DAMAGED: {
    retryable: false,
    message: '{path} is no whole database of addresses: {reason}.',
    hint: 'Put a .mmdb file there (MaxMind, DB-IP, IPinfo), unpacked and complete; until then the tables that were in use stay in use.',
  },
} as const satisfies ErrorTable;

export const geoError = errorsOf(GEO_ERRORS);
