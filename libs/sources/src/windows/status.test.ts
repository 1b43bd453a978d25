import { describe, expect, it } from '@jest/globals';
import { reasonOf, reasonOfError, statusCode } from './status.js';

/** Of one failure, its NTSTATUS and its error, by [MS-ERREF] 2.3.1, winerror.h and RtlNtStatusToDosError. */
const FAILURES = [
  ['0xC000005E', 1311, { noGuess: true }],
  ['0xC0000064', 1317, { userKnown: false }],
  ['0xC000006A', 86, { userKnown: true }],
  ['0xC000006D', 1326, {}],
  ['0xC000006E', 1327, { userKnown: true, noGuess: true }],
  ['0xC000006F', 1328, { userKnown: true, noGuess: true }],
  ['0xC0000070', 1329, { userKnown: true, noGuess: true }],
  ['0xC0000071', 1330, { userKnown: true, noGuess: true }],
  ['0xC0000072', 1331, { userKnown: true, state: 'disabled' }],
  ['0xC00000DC', 1352, { noGuess: true }],
  ['0xC0000133', 1398, { noGuess: true }],
  ['0xC000015B', 1385, { userKnown: true, noGuess: true }],
  ['0xC000018C', 1788, { noGuess: true }],
  ['0xC000018D', 1789, { noGuess: true }],
  ['0xC0000192', 1792, { noGuess: true }],
  ['0xC0000193', 1793, { userKnown: true, state: 'expired' }],
  ['0xC0000224', 1907, { userKnown: true, noGuess: true }],
  ['0xC0000234', 1909, { userKnown: true, state: 'locked' }],
  ['0xC0000413', 1935, { userKnown: true, noGuess: true }],
] as const;

describe('a failed logon', () => {
  it.each(FAILURES)('%s is the same as error %d, in whatever form it is printed', (ntStatus, win32, told) => {
    const { text, ...rest } = reasonOf(statusCode(ntStatus)) ?? {};
    expect(rest).toEqual(told);
    for (const code of [win32, 0x80070000 + win32, Number(ntStatus)])
      expect(reasonOfError(code)).toEqual({ text, ...told });
  });

  it('is none where a code is that of something else', () => {
    for (const code of [0, 2, 5, 0xc0000005, 0x80090308]) expect(reasonOfError(code)).toBeUndefined();
    expect(reasonOf(statusCode('-'))).toBeUndefined();
    expect(reasonOf(statusCode('0x0'))).toBeUndefined();
  });
});
