import { fileURLToPath } from 'node:url';
import { type Correlation, loadRules, planCorrelations, type RuleSet } from '@fleetwall/detection';
import { loadPolicies, type Policy, type PolicyFile } from '@fleetwall/response';
import { configError } from './errors.js';
import { type DetectionProblem, errorOf, problemOf } from './problems.js';
import { readYamlFiles } from './yaml-files.js';

const SHIPPED_RULES = fileURLToPath(new URL('../../../rules', import.meta.url));
const SHIPPED_POLICIES = fileURLToPath(new URL('../../../policies', import.meta.url));

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is no directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
};

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
    areMatched:
      (named.rules ?? configured.rules) === undefined || (named.policies ?? configured.policies) !== undefined,
  };
}

/** Rules and policies that go together. */
export interface Detections {
  rules: RuleSet;
  policies: Policy[];
  /** What the files of the rules say, by path, as they were when they were taken up. */
  texts?: ReadonlyMap<string, string>;
}

export interface CheckedDetections extends Detections {
  problems: DetectionProblem[];
}

/**
 * Reads all rules and policies and tells every mistake, not only the first. Throws RULES_UNREADABLE for a directory that
 * cannot be read or has no rules.
 */
export async function checkDetections(sources: DetectionSources): Promise<CheckedDetections> {
  const ruleFiles: PolicyFile[] = [];
  for (const path of sources.rules) {
    const files = await readDirectory(path);
    if (files.length === 0) throw configError('RULES_UNREADABLE', { path, reason: 'there are no rules in it' });
    ruleFiles.push(...files);
  }
  const rules = loadRules(ruleFiles);
  const policyFiles = await readDirectory(sources.policies);
  const { policies, problems } = checkPolicies(policyFiles, sources.areMatched ? namesOf(rules) : undefined);
  return {
    rules,
    policies,
    texts: new Map(ruleFiles.map(({ path, text }) => [path, text])),
    problems: [...ruleProblems(rules), ...uncountable(rules.correlations, ruleFiles), ...problems],
  };
}

async function readDirectory(path: string): Promise<PolicyFile[]> {
  try {
    return await readYamlFiles(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw configError('RULES_UNREADABLE', { path, reason: REASONS[code ?? ''] ?? message }, { cause: error });
  }
}

/** Rules and policies without a mistake; throws the first one otherwise, so that nothing is half applied. */
export async function readDetections(sources: DetectionSources): Promise<Detections> {
  const { problems, ...detections } = await checkDetections(sources);
  const [first] = problems;
  if (!first) return detections;
  const more = problems.length > 1 ? ` (${problems.length - 1} more: see \`fleetwall rules check\`)` : '';
  throw errorOf({ ...first, hint: `${first.hint}${more}` });
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

function namesOf({ rules, correlations }: RuleSet): Set<string> {
  return new Set([
    ...rules.flatMap(({ name, id }) => [name, id]),
    ...correlations.flatMap(({ name, ruleId }) => [name, ruleId]),
  ]);
}
