import { Composer, CST, type Document, Lexer, type ParsedNode, Parser } from 'yaml';
import { Refusal, type SourceText } from './refusal.js';

/** Untrusted input: what is beyond is refused before the recursive part of the YAML reader sees it. */
const LIMITS = {
  fileCharacters: 1_000_000,
  documents: 1_000,
  flowDepth: 16,
  indentation: 100,
  /** Nested `- - -`, `? ? ?` within one line. */
  indicatorsPerLine: 16,
};

const FORBIDDEN: Record<string, string | undefined> = {
  alias: 'aliases (*name)',
  anchor: 'anchors (&name)',
  tag: 'tags (!name)',
  'directive-line': 'directives (%NAME)',
};

export type YamlDocument = Document.Parsed<ParsedNode>;

/**
 * The YAML documents of a file, as trees with the range of every node (nothing is resolved or instantiated).
 *
 * Anchors, aliases and tags are refused, hence no alias bombs, merge keys or types; nesting is bounded. Throws a
 * {@link Refusal} for the whole file; what is wrong with one document only is in its `errors`.
 */
export function readYaml(source: SourceText): YamlDocument[] {
  const { text } = source;
  if (text.length > LIMITS.fileCharacters) {
    throw new Refusal('SIGMA_LIMIT', 0, {
      what: `A file of ${text.length} characters`,
      limit: String(LIMITS.fileCharacters),
      instead: 'Split the file.',
    });
  }
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of safeLexemes(text)) tokens.push(...parser.next(lexeme));
  tokens.push(...parser.end());
  // uniqueKeys off: the reader's own check is quadratic; `entriesOf` checks instead.
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, version: '1.2' });
  const documents: YamlDocument[] = [];
  for (const document of composer.compose(tokens)) {
    if (documents.length === LIMITS.documents) throw tooMany('documents', document.range[0], LIMITS.documents);
    documents.push(document as YamlDocument);
  }
  return documents;
}

/** The words of the text; throws at the first one that is forbidden or too deep, having read no further. */
function* safeLexemes(text: string): Generator<string> {
  const guard = new NestingGuard();
  let offset = 0;
  let afterScalarMark = false;
  for (const lexeme of new Lexer().lex(text)) {
    const type: string = afterScalarMark ? 'text' : (CST.tokenType(lexeme) ?? 'text');
    const forbidden = FORBIDDEN[type];
    if (forbidden) throw new Refusal('SIGMA_YAML_FORBIDDEN', offset, { what: forbidden });
    guard.see(type, lexeme.length, offset);
    // Marks are the lexer's own characters: they stand for nothing in the text.
    afterScalarMark = type === 'scalar';
    if (type !== 'scalar' && type !== 'doc-mode' && type !== 'flow-error-end') offset += lexeme.length;
    yield lexeme;
  }
}

/** Bounds how deep the composer, which is recursive, can be led: by brackets, by indentation, by `- - -` in one line. */
class NestingGuard {
  private flowDepth = 0;
  private indicators = 0;
  private lineStart = true;

  see(type: string, length: number, offset: number): void {
    const wasLineStart = this.lineStart;
    this.lineStart = type === 'newline' || type === 'doc-mode';
    switch (type) {
      case 'newline':
        this.indicators = 0;
        break;
      case 'flow-map-start':
      case 'flow-seq-start':
        if (++this.flowDepth > LIMITS.flowDepth) throw tooMany('levels of brackets', offset, LIMITS.flowDepth);
        break;
      case 'flow-map-end':
      case 'flow-seq-end':
        this.flowDepth = Math.max(0, this.flowDepth - 1);
        break;
      case 'flow-error-end':
        this.flowDepth = 0;
        break;
      case 'map-value-ind':
        if (this.flowDepth === 0) this.countIndicator(offset);
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
        this.countIndicator(offset);
        break;
      case 'space':
        if (wasLineStart && length > LIMITS.indentation && this.flowDepth === 0) {
          throw tooMany('columns of indentation', offset, LIMITS.indentation);
        }
        break;
    }
  }

  private countIndicator(offset: number): void {
    if (++this.indicators <= LIMITS.indicatorsPerLine) return;
    throw tooMany('levels within one line', offset, LIMITS.indicatorsPerLine);
  }
}

function tooMany(what: string, offset: number, limit: number): Refusal {
  return new Refusal('SIGMA_LIMIT', offset, {
    what: `Too many ${what}`,
    limit: String(limit),
    instead: 'Rules need a few levels only; check brackets and indentation.',
  });
}
