import { isMap, type Node } from 'yaml';
import { Attributes, offsetOf, typeRefusal } from './attributes.js';
import { ECS_MAPPING, type Mapping } from './mapping.js';
import { type CorrelationDraft, readCorrelation } from './read-correlation.js';
import { type RuleDraft, readRule } from './read-rule.js';
import { Refusal, Refusals, SourceText } from './refusal.js';
import { type Loaded, resolve } from './resolve.js';
import type { RuleFile, RuleSet } from './rule.js';
import { readYaml, type YamlDocument } from './yaml.js';

/**
 * Reads, checks and compiles Sigma rules and correlations (Sigma 2.1.0,
 * https://github.com/SigmaHQ/sigma-specification). Never throws: a document with a fault is refused as a whole, with
 * what refers to it, and told of in `problems`; the others load.
 *
 * @param mappings how field names and log sources of each taxonomy are spoken of in events
 */
export function loadRules(files: readonly RuleFile[], mappings: readonly Mapping[] = [ECS_MAPPING]): RuleSet {
  return resolve(files.flatMap((file) => readFile(file, mappings)));
}

function readFile(file: RuleFile, mappings: readonly Mapping[]): Loaded[] {
  const source = new SourceText(file.path, file.text);
  const base = baseName(file.path);
  const refusals = new Refusals();
  const documents = refusals.attempt(() => filledDocuments(source));
  if (!documents) {
    const problems = refusals.list.map((refusal) => refusal.problem(source));
    return [{ source, offset: 0, name: base, keys: [{ what: 'name', value: base, offset: 0 }], problems }];
  }
  const names = new DocumentNames(base, documents.length);
  return documents.map((document) => readDocument(document, source, names, mappings));
}

function filledDocuments(source: SourceText): YamlDocument[] {
  const filled = readYaml(source).filter(({ contents, errors }) => contents !== null || errors.length > 0);
  if (filled.length > 0) return filled;
  throw typeRefusal(0, 'file', 'empty', 'a rule', 'Remove the file, or write a rule; see rules/README.md.');
}

function readDocument(
  document: YamlDocument,
  source: SourceText,
  names: DocumentNames,
  mappings: readonly Mapping[],
): Loaded {
  const offset = document.contents?.range[0] ?? document.range[0];
  const refusals = new Refusals();
  for (const error of document.errors) {
    refusals.attempt(() => {
      throw new Refusal('SIGMA_YAML', error.pos[0], { reason: error.message });
    });
  }
  const readable = refusals.list.length === 0;
  const attributes = readable ? refusals.attempt(() => new Attributes(document.contents as Node, '')) : undefined;
  const id = attributes && refusals.attempt(() => attributes.text('id'));
  const nameAttribute = attributes && refusals.attempt(() => attributes.text('name'));
  const name = names.next(nameAttribute);
  const draft = attributes && refusals.attempt(() => readBody(attributes, { name, id }, mappings, refusals));
  const problems = refusals.list.map((refusal) => refusal.problem(source));
  const keys: Loaded['keys'] = [{ what: 'name', value: name, offset }];
  if (id !== undefined) keys.unshift({ what: 'id', value: id, offset: placeOf(attributes, 'id', offset) });
  if (nameAttribute !== undefined && nameAttribute !== name) {
    keys.push({ what: 'name', value: nameAttribute, offset: placeOf(attributes, 'name', offset) });
  }
  return { source, offset, keys, name, problems, ...(problems.length === 0 && draft) };
}

type Draft = { rule: RuleDraft } | { correlation: CorrelationDraft };

function readBody(
  attributes: Attributes,
  names: { name: string; id: string | undefined },
  mappings: readonly Mapping[],
  refusals: Refusals,
): Draft | undefined {
  refuseOtherDocuments(attributes);
  if (attributes.find('correlation')) {
    const correlation = readCorrelation(attributes, names, mappings, refusals);
    return correlation && { correlation };
  }
  attributes.required('detection', 'a detection or a correlation');
  const rule = readRule(attributes, names, mappings, refusals);
  return rule && { rule };
}

function refuseOtherDocuments(attributes: Attributes): void {
  const other = attributes.entries.get('filter') ?? attributes.entries.get('action');
  if (!other || (other.key === 'filter' && !isMap(other.value))) return;
  throw new Refusal('SIGMA_UNSUPPORTED', offsetOf(other.keyNode), {
    feature: other.key === 'filter' ? 'A Sigma filter document' : 'A rule collection ("action: global")',
    expected: 'a rule or a correlation',
    instead:
      other.key === 'filter'
        ? 'Put the exclusion into the rules as a selection: "selection and not filter".'
        : 'Sigma dropped it; write each rule out in full.',
  });
}

function placeOf(attributes: Attributes | undefined, key: string, fallback: number): number {
  const node = attributes?.find(key);
  return node ? offsetOf(node) : fallback;
}

/** `rules/logon/slow-grind.yml` -> `slow-grind`. */
function baseName(path: string): string {
  return (path.split(/[/\\]/).at(-1) as string).replace(/\.ya?ml$/i, '');
}

/** Of a single document the file's name; of several their `name`, and the file's name for those without. */
class DocumentNames {
  private unnamed = 0;

  constructor(
    private readonly base: string,
    private readonly documents: number,
  ) {}

  next(nameAttribute: string | undefined): string {
    if (this.documents > 1 && nameAttribute !== undefined) return nameAttribute;
    this.unnamed++;
    return this.unnamed === 1 ? this.base : `${this.base}-${this.unnamed}`;
  }
}
