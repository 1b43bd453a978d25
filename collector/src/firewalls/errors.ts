import { type ErrorTable, errorsOf } from '@fleetwall/core';

export const FIREWALL_ERRORS = {
  FIREWALL_TARGET_REFUSED: {
    retryable: false,
    message: '"{value}" is not blocked: {reason}. Nothing was changed.',
    hint: 'Give the canonical address or network, like 198.51.100.7, 198.51.100.0/24 or 2001:db8:1:2::/64.',
  },
  FIREWALL_EXPIRY_REFUSED: {
    retryable: false,
    message: 'The end of the block of {target} is not a time: {value}. Nothing was changed.',
    hint: 'Give milliseconds since 1970 UTC.',
  },
  FIREWALL_UNAVAILABLE: {
    retryable: false,
    message: "This host's firewall cannot be used: {reason}.",
    hint: 'Blocks take no effect on this host until this is mended.',
  },
  FIREWALL_REFUSED: {
    retryable: false,
    message: 'The kernel refused to {action}: {reason}. Nothing was changed.',
    hint: 'Look at the table with `nft list table inet fleetwall`; `fleetwall disarm` removes it, and the next block sets it up afresh.',
  },
  FIREWALL_BUSY: {
    retryable: true,
    message: 'The kernel could not {action} now: {reason}. Nothing was changed.',
    hint: 'It is short of memory, or its firewall is being changed by another program; try again.',
  },
  FIREWALL_BATCH_TOO_LARGE: {
    retryable: false,
    message: 'The kernel takes no batch of {bytes} bytes from this process. Nothing was changed.',
    hint: 'Raise net.core.wmem_max, or give the container CAP_NET_ADMIN in the first user namespace.',
  },
  FIREWALL_ANSWER_LOST: {
    retryable: true,
    message: 'The kernel did not tell whether it could {action}: {reason}.',
    hint: 'The next change reads back what is in force and puts right what is not.',
  },
  FIREWALL_CLOSED: {
    retryable: false,
    message: 'The firewall was closed.',
    hint: 'The collector is shutting down; what was in force stays in force.',
  },
} as const satisfies ErrorTable;

export const firewallError = errorsOf(FIREWALL_ERRORS);
