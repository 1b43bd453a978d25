import { errors } from '@elastic/elasticsearch';
import { type ErrorTable, errorsOf, FleetwallError } from '@fleetwall/core';

export const ELASTICSEARCH_ERRORS = {
  ELASTICSEARCH_UNREACHABLE: {
    retryable: true,
    message: 'Elasticsearch does not answer at {nodes}: {reason}.',
    hint: 'Check that it runs, that the addresses are right (http or https), its certificate (`ca` or `caFingerprint`), and that no firewall is between.',
  },
  ELASTICSEARCH_DENIED: {
    retryable: false,
    message: 'Elasticsearch refuses to {operation}: {reason}.',
    hint: 'Check the API key or password, and its rights (README of the Elasticsearch adapter).',
  },
  ELASTICSEARCH_VERSION: {
    retryable: false,
    message: 'The server at {nodes} is {actual}; Elasticsearch 8.19 or newer is needed.',
    hint: 'Update the server, or point the configuration at another one.',
  },
  ELASTICSEARCH_BUSY: {
    retryable: true,
    message: 'Elasticsearch is too busy to {operation}, after tries for {seconds} s: {reason}.',
    hint: 'Nothing is lost, the same call may be made again. Look at the load, the heap and the disks of the cluster.',
  },
  ELASTICSEARCH_FAILED: {
    retryable: true,
    message: 'Elasticsearch could not {operation}: {reason}.',
    hint: 'See the log of the server at this time; the call may succeed when it is made again.',
  },
  ELASTICSEARCH_QUERY_REFUSED: {
    retryable: false,
    message: 'The query is refused: {reason}.',
    hint: 'Make the query smaller, or its limit, range or pattern.',
  },
  ELASTICSEARCH_CURSOR_INVALID: {
    retryable: false,
    message: 'The cursor of the page does not come from a page before it.',
    hint: 'Start again from the first page.',
  },
  ELASTICSEARCH_CLOSED: {
    retryable: false,
    message: 'The connection to Elasticsearch is closed.',
    hint: 'The service is shutting down; start it again.',
  },
  ELASTICSEARCH_VALUE_REFUSED: {
    retryable: false,
    message: '{collection}/{id} cannot be stored: {reason}.',
    hint: 'Store JSON; use at most 128 bytes of UTF-8 for a collection and 512 for an id.',
  },
} as const satisfies ErrorTable;

export const elasticsearchError = errorsOf(ELASTICSEARCH_ERRORS);

/** Statuses that say "later": too many requests, a gateway or a node in between that is away. */
const BUSY = new Set([429, 502, 503, 504]);

export function isBusyStatus(status: number | undefined): boolean {
  return status !== undefined && BUSY.has(status);
}

/** What the server said, in one line of at most 300 characters. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof errors.ResponseError)) return String((error as Error)?.message ?? error).slice(0, 300);
  const cause = rootCauseOf(error);
  return `${cause?.type ?? `status ${error.statusCode}`}${cause?.reason ? `, ${cause.reason}` : ''}`.slice(0, 300);
}

interface Cause {
  type?: string;
  reason?: string;
}

function rootCauseOf(error: errors.ResponseError): Cause | undefined {
  const body = error.body as { error?: Cause & { root_cause?: Cause[] } } | undefined;
  return body?.error?.root_cause?.[0] ?? body?.error;
}

/** The query is at fault, not the server: too many clauses, buckets or states of a pattern. */
function isQueryFault(error: errors.ResponseError): boolean {
  const text = JSON.stringify(error.body ?? '');
  return /too_many_clauses|too_many_nested_clauses|too_many_buckets|too_complex|maximum nested depth/.test(text);
}

/** Turns what the client threw while it was to `operation` into an error of this package; others pass unchanged. */
export function explained(error: unknown, operation: string, nodes: string): unknown {
  if (error instanceof FleetwallError) return error;
  const options = { cause: error };
  const reason = reasonOf(error);
  if (error instanceof errors.ResponseError) {
    const { statusCode } = error;
    if (statusCode === 401 || statusCode === 403) {
      return elasticsearchError('ELASTICSEARCH_DENIED', { operation, reason }, options);
    }
    if (isQueryFault(error)) return elasticsearchError('ELASTICSEARCH_QUERY_REFUSED', { reason }, options);
    return elasticsearchError('ELASTICSEARCH_FAILED', { operation, reason }, options);
  }
  if (error instanceof errors.ProductNotSupportedError) {
    return elasticsearchError('ELASTICSEARCH_VERSION', { nodes, actual: 'no Elasticsearch' }, options);
  }
  if (error instanceof errors.ElasticsearchClientError) {
    return elasticsearchError('ELASTICSEARCH_UNREACHABLE', { nodes, reason }, options);
  }
  return error;
}
