/** The query tree that every event store understands in the same way. Times are milliseconds since 1970 UTC. */
export type Query =
  | { type: 'all' }
  | { type: 'and' | 'or'; of: Query[] }
  | { type: 'not'; of: Query }
  /** The field equals the value; of a list, any element does. Text compares without regard to ASCII case. */
  | { type: 'term'; field: string; value: string | number | boolean }
  | { type: 'exists'; field: string }
  /** Inclusive bounds, numbers only (`@timestamp`, ports …). */
  | { type: 'range'; field: string; gte?: number; lte?: number }
  | { type: 'prefix'; field: string; value: string }
  /** `*` any run, `?` any one character; everything else literal. */
  | { type: 'wildcard'; field: string; pattern: string }
  /** An address field inside a network, IPv4 or IPv6, `198.51.100.0/24`. */
  | { type: 'cidr'; field: string; network: string }
  /** The words appear in `event.original`, without regard to case. */
  | { type: 'text'; value: string };
