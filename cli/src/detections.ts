import { join } from 'node:path';
import { FleetwallError } from '@fleetwall/core';
import { type Correlation, loadRules, planCorrelations, type RuleSet } from '@fleetwall/detection';
import { readYamlFiles } from '@fleetwall/embedded';
import { loadPolicies, type Policy, type PolicyFile } from '@fleetwall/response';
import { cliError } from './errors.js';
import { INSTALLED_AT } from './home.js';
import { unreadable } from './log-paths.js';

const SHIPPED_RULES = join(INSTALLED_AT, 'rules');
const SHIPPED_POLICIES = join(INSTALLED_AT, 'policies');

/** Where rules and policies are read. */
export interface DetectionSources {
  rules: readonly string[];
  policies: string;
  /** Whether a policy for a rule that is not there is a mistake. */
  areMatched: boolean;
}

interface Directories {
  rules?: readonly string[];
  policies?: string;
}

/**
 * What is named, else what is configured, else what is shipped. Somebody's own rules by themselves are tried with policies
 * that speak of other rules too; that is no mistake then.
 */
export function detectionSources(named: Directories, configured: Directories = {}): DetectionSources {
  return {
    rules: named.rules ?? configured.rules ?? [SHIPPED_RULES],
    policies: named.policies ?? configured.policies ?? SHIPPED_POLICIES,
    areMatched: named.rules === undefined || named.policies !== undefined,
  };
}

/** One mistake in a rule or a policy. */
export interface DetectionProblem {
  code: string;
  /** `path:line:column`, or the path alone where no line can be named. */
  position: string;
  /** What is wrong, and below it the line of the file with a caret. */
  message: string;
  hint: string;
}

export interface CheckedDetections {
  rules: RuleSet;
  policies: Policy[];
  problems: DetectionProblem[];
}

/**
 * Reads all rules and policies and tells every mistake, not only the first. Throws FILE_UNREADABLE for a directory that
 * cannot be read or has no rules.
 */
export async function checkDetections(sources: DetectionSources): Promise<CheckedDetections> {
  const ruleFiles: PolicyFile[] = [];
  for (const path of sources.rules) {
    const files = await readDirectory(path);
    const instead = 'Name a directory with .yml files.';
    if (files.length === 0) throw cliError('FILE_UNREADABLE', { path, reason: 'there are no rules in it', instead });
    ruleFiles.push(...files);
  }
  const rules = loadRules(ruleFiles);
  const policyFiles = await readDirectory(sources.policies);
  const { policies, problems } = checkPolicies(policyFiles, sources.areMatched ? namesOf(rules) : undefined);
  return {
    rules,
    policies,
    problems: [...ruleProblems(rules), ...uncountable(rules.correlations, ruleFiles), ...problems],
  };
}

async function readDirectory(path: string): Promise<PolicyFile[]> {
  try {
    return await readYamlFiles(path);
  } catch (error) {
    throw unreadable(path, (error as NodeJS.ErrnoException).code ?? '', error);
  }
}

/** Rules and policies without a mistake; throws the first one otherwise, so that nothing is half applied. */
export async function readDetections(sources: DetectionSources) {
  const { rules, policies, problems } = await checkDetections(sources);
  const [first] = problems;
  if (!first) return { rules, policies };
  const { code, message, hint, position } = first;
  const more = problems.length > 1 ? ` (${problems.length - 1} more: see \`fleetwall rules check\`)` : '';
  throw new FleetwallError(code, { retryable: false, message, hint: `${hint}${more}` }, {}, { position });
}

function ruleProblems({ problems }: RuleSet): DetectionProblem[] {
  return problems.map(({ code, path, line, column, message, caret, hint }) => {
    return { code, position: `${path}:${line}:${column}`, message: `${message}\n${caret}`, hint };
  });
}

/** Correlations that Sigma allows and the counter cannot count, each by itself. */
function uncountable(correlations: readonly Correlation[], files: readonly PolicyFile[]): DetectionProblem[] {
  return correlations
    .filter(({ generate }) => generate)
    .flatMap((correlation) => {
      const alone = correlations.map((other) => (other === correlation ? other : { ...other, generate: false }));
      return problemOf(() => planCorrelations(alone), placeOf(correlation, files));
    });
}

/** A correlation is known by its file's name; a file of several documents names it inside. */
function placeOf({ name }: Correlation, files: readonly PolicyFile[]): string {
  const named = new RegExp(`(^|/)${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\.ya?ml$`);
  const file = files.find(({ path }) => named.test(path)) ?? files.find(({ text }) => text.includes(`name: ${name}`));
  if (!file) return name;
  const line = file.text.split('\n').findIndex((text) => text.startsWith('correlation:')) + 1;
  return line > 0 ? `${file.path}:${line}:1` : file.path;
}

function checkPolicies(files: readonly PolicyFile[], knownRules: ReadonlySet<string> | undefined) {
  const sound: PolicyFile[] = [];
  const problems = files.flatMap((file) => {
    const found = problemOf(() => loadPolicies([file], knownRules), file.path);
    if (found.length === 0) sound.push(file);
    return found;
  });
  // Together once more: names must differ.
  const clashes = problemOf(() => loadPolicies(sound, knownRules), '');
  return { policies: clashes.length === 0 ? loadPolicies(sound, knownRules) : [], problems: [...problems, ...clashes] };
}

function problemOf(read: () => unknown, place: string): DetectionProblem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof FleetwallError)) throw error;
    const { code, message, hint, position = place } = error;
    return [{ code, position, message, hint }];
  }
}

function namesOf({ rules, correlations }: RuleSet): Set<string> {
  return new Set([
    ...rules.flatMap(({ name, id }) => [name, id]),
    ...correlations.flatMap(({ name, ruleId }) => [name, ruleId]),
  ]);
}
