import { CATEGORY, TYPE } from '../../event-builder.js';
import { PEER, TARGET, type WindowsTable } from '../entry.js';

/**
 * What a domain controller, or the host of a local account, tells of a password that it checked for somebody.
 *
 * Kerberos may come in one UDP packet (RFC 4120 7.2.1), so its address proves nothing. 4776 names no address: the host
 * that was logged on to has a 4625 about the same try.
 */
export const DOMAIN_LOGON: WindowsTable = {
  4768: {
    action: 'kerberos-ticket',
    category: CATEGORY.authentication,
    type: TYPE.start,
    status: ['Status'],
    role: 'attempt',
    evidence: 'spoofable',
    fields: { ...TARGET, ...PEER, 'service.name': 'ServiceName' },
  },
  4771: {
    action: 'kerberos-preauth-failed',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    status: ['Status'],
    role: 'attempt',
    evidence: 'spoofable',
    fields: { ...TARGET, ...PEER, 'service.name': 'ServiceName' },
  },
  4776: {
    action: 'ntlm-validation',
    category: CATEGORY.authentication,
    type: TYPE.info,
    status: ['Status'],
    role: 'part',
    fields: { ...TARGET },
  },
};
