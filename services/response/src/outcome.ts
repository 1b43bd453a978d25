import {
  type AlertChange,
  type BlockRequest,
  type BusRecord,
  FleetwallError,
  type RequestOutcome,
} from '@fleetwall/core';

/** Carries it out; what it throws of its own is the answer, unless trying again may help. */
export function outcomeOf(request: BlockRequest, atMs: number, carryOut: () => void): RequestOutcome {
  try {
    carryOut();
    return { type: 'request', request, ok: true, atMs };
  } catch (error) {
    if (!(error instanceof FleetwallError) || error.retryable) throw error;
    const { code, message, hint } = error;
    return { type: 'request', request, ok: false, code, message, hint, atMs };
  }
}

/** Undefined, told and counted, when it cannot be read: it must not keep all that follow waiting. */
export function messageOf(
  { topic, offset, value }: BusRecord,
  stats: ResponseStats,
  onError: (error: unknown) => void,
): AlertChange | BlockRequest | undefined {
  try {
    return JSON.parse(value.toString('utf8')) as AlertChange | BlockRequest;
  } catch (cause) {
    stats.undecodable++;
    onError(new Error(`record ${offset} of ${topic} is not JSON`, { cause }));
    return undefined;
  }
}

export interface ResponseStats {
  /** 1: this instance decides; 0: it stands by. */
  active: number;
  /** The highest term in the topic of blocks. */
  term: number;
  /** How often this instance began to decide. */
  takeovers: number;
  /** Alert changes that came again, or too late, and changed nothing. */
  repeatedAlerts: number;
  /** Requests that came again and were not carried out twice. */
  repeatedRequests: number;
  /** Records that are neither an alert nor a request; they are left where they are, and passed over. */
  undecodable: number;
  /** Blocks put in order after an instance without a term had written them. */
  overwritten: number;
}

export function newStats(): ResponseStats {
  return { active: 0, term: 0, takeovers: 0, repeatedAlerts: 0, repeatedRequests: 0, undecodable: 0, overwritten: 0 };
}
