import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import { Failure } from '../parts/failure.js';
import { useWays } from './session.js';

/** Signs in by the provider, where there is one, and says what became of the last try. */
export function ProviderButton() {
  const { provider } = useWays().data ?? {};
  const [failed] = useState(() => /^#sign-in=([A-Z_]+)$/.exec(window.location.hash)?.[1]);
  useEffect(() => {
    // Said once: not again with the next visit of this address.
    if (failed)
      window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  }, [failed]);
  const to = window.location.pathname + window.location.search;
  return (
    <>
      {failed && <Failure error={problemOf(failed)} />}
      {provider && (
        <Button component="a" variant="default" href={`/api/v1/session/oidc?to=${encodeURIComponent(to)}`}>
          Sign in with {provider}
        </Button>
      )}
    </>
  );
}

/** The way back from the provider tells no more than the code. */
function problemOf(code: string): ProblemError {
  const [detail, hint] = FAILURES[code] ?? ['The sign-in by the provider failed.', ''];
  return new ProblemError({ type: 'about:blank', title: 'Not signed in', status: 0, detail, code, hint });
}

/** What happened and what to do, by the codes of docs/errors.md. */
const FAILURES: Record<string, [detail: string, hint: string]> = {
  OIDC_UNREACHABLE: [
    'The sign-in provider does not answer.',
    'Sign in with a name and password of the console meanwhile.',
  ],
  OIDC_DENIED: ['The sign-in provider did not let you in.', 'Try again, or ask who runs it.'],
  OIDC_REFUSED: [
    'What came back from the provider does not hold.',
    'Begin again here, in one browser and within ten minutes.',
  ],
  OIDC_NOT_MAPPED: ['None of your groups may use this console.', 'Ask an administrator to put you into one that may.'],
  OIDC_NO_NAME: [
    'The provider gives no name that an account can have.',
    'Ask an administrator to change console.oidc.nameClaim.',
  ],
  OIDC_NAME_TAKEN: ['Your name is that of another account here.', 'Ask an administrator to remove one of them.'],
  ACCOUNT_DISABLED: ['Your account is disabled.', 'An administrator can enable it again.'],
  TENANT_SUSPENDED: ['Your tenant is suspended. Its hosts stay protected.', 'Ask who provides the service.'],
};
