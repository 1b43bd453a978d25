import { BIGINT, type DuckDBType, LIST, UBIGINT, VARCHAR } from '@duckdb/node-api';

export type ColumnKind = 'text' | 'integer' | 'list';

export interface FieldColumn {
  /** ECS name, such as `source.ip`. */
  field: string;
  /** SQL name, such as `source_ip`. */
  name: string;
  kind: ColumnKind;
  /** Also kept as a number in `<name>_hi` and `<name>_lo`, for networks. */
  address?: true;
}

/**
 * The fields with a column of their own; all others go into JSON columns by the type of their value. Every file holds
 * the same columns: adding one here means a new layout.
 */
export const FIELD_COLUMNS: readonly FieldColumn[] = [
  column('@timestamp', 'integer'),
  column('event.id', 'text'),
  column('event.original', 'text'),
  column('event.ingested', 'integer'),
  column('event.kind', 'text'),
  column('event.module', 'text'),
  column('event.category', 'list'),
  column('event.type', 'list'),
  column('event.action', 'text'),
  column('event.outcome', 'text'),
  column('event.code', 'text'),
  column('host.name', 'text'),
  column('host.id', 'text'),
  column('organization.id', 'text'),
  column('process.name', 'text'),
  column('process.pid', 'integer'),
  { ...column('source.ip', 'text'), address: true },
  column('source.port', 'integer'),
  column('source.domain', 'text'),
  { ...column('destination.ip', 'text'), address: true },
  column('destination.port', 'integer'),
  column('user.name', 'text'),
  column('fleetwall.evidence', 'text'),
  column('fleetwall.attempt.id', 'text'),
  column('fleetwall.attempt.role', 'text'),
  column('fleetwall.attempt.count', 'integer'),
];

function column(field: string, kind: ColumnKind): FieldColumn {
  return { field, name: field.replace('@', '').replaceAll('.', '_'), kind };
}

const BY_FIELD = new Map(FIELD_COLUMNS.map((column) => [column.field, column]));

/** The column of a field, if it has one of its own. */
export function columnOf(field: string): FieldColumn | undefined {
  return BY_FIELD.get(field);
}

/**
 * JSON objects from field to value, by type; NULL when empty.
 * - `texts`: text. `numbers`: the number as text (`String(n)`), exact. `flags`: `"true"` or `"false"`.
 * - `lists`: arrays of text.
 * - `addresses`: of every other `*.ip` field, the addresses as 32 hexadecimal digits, IPv4 in its mapped form.
 */
export const JSON_COLUMNS = ['texts', 'numbers', 'flags', 'lists', 'addresses'] as const;
export type JsonColumn = (typeof JSON_COLUMNS)[number];

/** Every column of a day's table, in order: name, SQL type for the file, type for the appender. */
export const TABLE_COLUMNS: readonly { name: string; sql: string; type: DuckDBType }[] = [
  ...FIELD_COLUMNS.flatMap(({ field, name, kind, address }) => [
    kind === 'integer'
      ? { name, sql: 'BIGINT', type: BIGINT }
      : kind === 'list'
        ? { name, sql: 'VARCHAR[]', type: LIST(VARCHAR) }
        : { name, sql: field === 'event.original' ? 'VARCHAR USING COMPRESSION zstd' : 'VARCHAR', type: VARCHAR },
    ...(address ? ['hi', 'lo'].map((half) => ({ name: `${name}_${half}`, sql: 'UBIGINT', type: UBIGINT })) : []),
  ]),
  ...JSON_COLUMNS.map((name) => ({ name, sql: 'JSON', type: VARCHAR })),
];

/** SQL that makes the table of one day in the attached database. */
export function createTableSql(catalog: string): string {
  return `CREATE TABLE ${catalog}.events (${TABLE_COLUMNS.map(({ name, sql }) => `${name} ${sql}`).join(', ')})`;
}

/** The JSON columns an event is made of again; the addresses are in the texts or lists too. */
export const EVENT_JSON_COLUMNS = ['texts', 'numbers', 'flags', 'lists'] as const satisfies JsonColumn[];

/**
 * SQL expression of a whole event as one JSON array: the field columns, then the JSON columns. One text is several times
 * cheaper to take over than a value per column, and keeps a leading U+FEFF, which the driver cuts off bare text.
 */
export const EVENT_JSON_SQL = `json_array(${[...FIELD_COLUMNS.map(({ name }) => name), ...EVENT_JSON_COLUMNS].join(', ')})`;
