import { CATEGORY, TYPE } from '../../event-builder.js';
import { OBJECT, SUBJECT, type WindowsEntry, type WindowsTable } from '../entry.js';

function account(action: string, type: string): WindowsEntry {
  return { action, category: CATEGORY.iam, type: ['user', type], fields: { ...SUBJECT, ...OBJECT } };
}

const memberAdded: WindowsEntry = {
  action: 'group-member-added',
  category: CATEGORY.iam,
  type: ['group', 'change'],
  fields: {
    ...SUBJECT,
    'group.name': 'TargetUserName',
    'group.domain': 'TargetDomainName',
    'group.id': 'TargetSid',
    'user.target.name': 'MemberName',
    'user.target.id': 'MemberSid',
  },
};

/** Accounts and groups ("Audit User Account Management", "Audit Security Group Management"). */
export const ACCOUNTS: WindowsTable = {
  4720: account('account-created', 'creation'),
  4722: account('account-enabled', 'change'),
  4723: account('password-changed', 'change'),
  4724: account('password-reset', 'change'),
  4725: account('account-disabled', 'change'),
  4726: account('account-deleted', 'deletion'),
  4728: memberAdded,
  4732: memberAdded,
  4756: memberAdded,
  // The domain of a lockout is the computer that the tries came from.
  4740: {
    action: 'windows-lockout',
    category: CATEGORY.iam,
    type: TYPE.info,
    fields: { 'user.name': 'TargetUserName', 'user.id': 'TargetSid' },
  },
  4767: account('account-unlocked', 'change'),
};
