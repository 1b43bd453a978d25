import { FleetwallError } from '@fleetwall/core';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { responseError } from './errors.js';
import { type Policy, policySchema } from './policy.js';

export interface PolicyFile {
  /** Shown in errors. */
  path: string;
  text: string;
}

/**
 * Policies in the order of the files. Throws POLICY_INVALID at the first mistake, with `path:line:column` and a caret,
 * so that nothing is half applied.
 *
 * @param knownRules names and ids of the rules that are loaded; a policy for another rule is a mistake
 */
export function loadPolicies(files: readonly PolicyFile[], knownRules?: ReadonlySet<string>): Policy[] {
  const policies = files.map((file) => loadPolicy(file, knownRules));
  const names = new Map<string, string>();
  files.forEach((file, i) => {
    const { name } = policies[i] as Policy;
    const other = names.get(name);
    if (other !== undefined) throw invalid(file, 0, `The name "${name}" is taken by ${other}.`);
    names.set(name, file.path);
  });
  return policies;
}

function loadPolicy(file: PolicyFile, knownRules?: ReadonlySet<string>): Policy {
  const document = parseDocument(file.text, { lineCounter: new LineCounter(), uniqueKeys: true, customTags: [] });
  const [syntax] = [...document.errors, ...document.warnings];
  if (syntax) throw invalid(file, syntax.pos[0], syntax.message.split('\n')[0] as string);
  const offsetOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length) as (string | number)[], true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  const result = policySchema.safeParse(toData(file, document));
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : (issue?.path ?? []);
    throw invalid(file, offsetOf(path), `${path.join('.') || 'policy'}: ${issue?.message ?? 'invalid'}.`);
  }
  const rules = result.data.match.rules ?? [];
  rules.forEach((rule, i) => {
    if (knownRules && !knownRules.has(rule)) {
      throw invalid(file, offsetOf(['match', 'rules', i]), `match.rules: there is no rule "${rule}".`);
    }
  });
  return result.data;
}

function toData(file: PolicyFile, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    throw invalid(file, 0, (error as Error).message);
  }
}

function invalid(file: PolicyFile, offset: number, reason: string): FleetwallError {
  const before = file.text.slice(0, offset).split('\n');
  const line = before.length;
  const column = (before.at(-1) as string).length + 1;
  const source = file.text.split('\n')[line - 1] ?? '';
  return responseError(
    'POLICY_INVALID',
    { reason: `${reason}\n  ${source}\n  ${' '.repeat(column - 1)}^` },
    { position: `${file.path}:${line}:${column}` },
  );
}
