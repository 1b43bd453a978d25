import type { AliasDraft } from './read-aliases.js';
import type { CorrelationDraft } from './read-correlation.js';
import type { RuleDraft } from './read-rule.js';
import { Refusal, type SourceText } from './refusal.js';
import type { Correlation, Level, Rule, RuleProblem, RuleSet } from './rule.js';
import { didYouMean } from './suggest.js';

/** How many correlations may stand on top of each other. */
const MAX_CHAIN = 16;

/** One document as it was read: a rule, a correlation, or neither when it has problems. */
export interface Loaded {
  source: SourceText;
  /** Where the document begins. */
  offset: number;
  name: string;
  /** What others may call it by. */
  keys: { what: string; value: string; offset: number }[];
  rule?: RuleDraft;
  correlation?: CorrelationDraft;
  problems: RuleProblem[];
}

/** Joins the documents to a set: names are unique, references lead to what loaded, and never in a circle. */
export function resolve(documents: Loaded[]): RuleSet {
  const byKey = refuseDuplicates(documents);
  const order = new CorrelationOrder(byKey);
  for (const document of documents) if (document.correlation && document.problems.length === 0) order.visit(document);
  const correlations = order.done.flatMap(({ correlation, problems }) =>
    correlation && problems.length === 0 ? [correlation] : [],
  );
  const nameOf = (reference: string) => (byKey.get(reference) as Loaded).name;
  const targetsOf = (draft: CorrelationDraft) => draft.references.map(({ text }) => nameOf(text));
  const generates = alertsOfTheirOwn(correlations, targetsOf);
  const fileOf = (name: string) => placeOf(byKey.get(name) as Loaded);
  return {
    rules: documents.flatMap(({ rule, problems }): Rule[] =>
      rule && problems.length === 0 ? [{ ...rule, generate: generates(rule), file: fileOf(rule.name) }] : [],
    ),
    correlations: correlations.map((draft): Correlation => {
      const { references, generateReferred, aliases, ...rest } = draft;
      const rules = targetsOf(draft);
      return { ...rest, rules, ...aliasesOf(aliases, nameOf), generate: generates(draft), file: fileOf(draft.name) };
    }),
    problems: documents.flatMap(({ problems }) => problems),
  };
}

function placeOf({ source, offset }: Loaded): Rule['file'] {
  return { path: source.path, line: source.position(offset).line };
}

function aliasesOf(drafts: readonly AliasDraft[], nameOf: (reference: string) => string): Pick<Correlation, 'aliases'> {
  if (drafts.length === 0) return {};
  const fieldsOf = ({ fields }: AliasDraft) => fields.map(({ rule, field }) => [nameOf(rule), field]);
  return { aliases: Object.fromEntries(drafts.map((draft) => [draft.name, Object.fromEntries(fieldsOf(draft))])) };
}

function alertsOfTheirOwn(
  correlations: CorrelationDraft[],
  targetsOf: (draft: CorrelationDraft) => string[],
): (draft: { name: string; level: Level }) => boolean {
  const referred = new Map<string, boolean>();
  for (const draft of correlations) {
    for (const name of targetsOf(draft)) referred.set(name, draft.generateReferred || referred.get(name) === true);
  }
  return ({ name, level }) => level !== 'informational' && (referred.get(name) ?? true);
}

/** The first document keeps an id or name; a later one with the same is refused. */
function refuseDuplicates(documents: Loaded[]): Map<string, Loaded> {
  const byKey = new Map<string, Loaded>();
  for (const document of documents) {
    const taken = document.keys.find(({ value }) => byKey.has(value));
    if (!taken) {
      for (const { value } of document.keys) byKey.set(value, document);
      continue;
    }
    const first = byKey.get(taken.value) as Loaded;
    refuse(
      document,
      new Refusal('SIGMA_DUPLICATE_RULE', taken.offset, {
        what: taken.what,
        value: taken.value,
        path: first.source.path,
        line: lineOf(first),
        instead: taken.what === 'id' ? 'Give the copy a new UUID.' : 'Rename the file, or change its "name".',
      }),
    );
  }
  return byKey;
}

/** Walks from correlations to what they refer to, depth first, so that targets are done before what needs them. */
class CorrelationOrder {
  readonly done: Loaded[] = [];
  private readonly finished = new Set<Loaded>();
  private path: Loaded[] = [];

  constructor(private readonly byKey: ReadonlyMap<string, Loaded>) {}

  visit(document: Loaded): void {
    if (this.finished.has(document)) return;
    this.path.push(document);
    for (const reference of document.correlation?.references ?? []) this.follow(document, reference);
    if (document.correlation) this.checkAliases(document, document.correlation);
    this.path.pop();
    this.finished.add(document);
    if (document.correlation) this.done.push(document);
  }

  /** Every alias says for every rule which field it is, and for no other. */
  private checkAliases(document: Loaded, { aliases, references }: CorrelationDraft): void {
    const wanted = new Map(references.map(({ text }) => [this.byKey.get(text), text]));
    const names = [...wanted.values()];
    for (const { name, offset, fields } of aliases) {
      const attribute = `correlation.aliases.${name}`;
      const given = fields.map(({ rule }) => this.byKey.get(rule));
      for (const [index, { rule, offset: at }] of fields.entries()) {
        if (wanted.has(given[index])) continue;
        const instead = didYouMean(rule, names, 'Name the rules of this correlation.');
        const expected = names.join(', ');
        refuse(document, new Refusal('SIGMA_UNKNOWN_KEY', at, { attribute, key: rule, expected, instead }));
      }
      const missing = [...wanted].find(([target]) => !given.includes(target));
      if (!missing) continue;
      const instead = `Add "${missing[1]}: field".`;
      const details = { attribute: `${attribute}.${missing[1]}`, expected: 'the field for every rule', instead };
      refuse(document, new Refusal('SIGMA_MISSING', offset, details));
    }
  }

  private follow(document: Loaded, { text, offset }: { text: string; offset: number }): void {
    const target = this.byKey.get(text);
    if (!target) {
      const instead = didYouMean(text, this.byKey.keys(), 'Load the rule as well, or correct the reference.');
      refuse(document, new Refusal('SIGMA_UNKNOWN_RULE', offset, { reference: text, instead }));
      return;
    }
    if (this.path.length > MAX_CHAIN) {
      const what = 'Correlations of correlations of correlations …';
      const instead = 'Refer to the rules themselves.';
      refuse(document, new Refusal('SIGMA_LIMIT', offset, { what, limit: String(MAX_CHAIN), instead }));
      return;
    }
    const start = this.path.indexOf(target);
    if (start >= 0) {
      const circle = [...this.path.slice(start), target].map(({ name }) => name).join(' -> ');
      refuse(document, new Refusal('SIGMA_CYCLE', offset, { circle }));
      return;
    }
    this.visit(target);
    if (target.problems.length === 0) return;
    const details = { reference: text, path: target.source.path, line: lineOf(target) };
    refuse(document, new Refusal('SIGMA_REFUSED_RULE', offset, details));
  }
}

function refuse(document: Loaded, refusal: Refusal): void {
  document.problems.push(refusal.problem(document.source));
}

function lineOf({ source, offset, problems }: Loaded): string {
  return String(problems[0]?.line ?? source.position(offset).line);
}
