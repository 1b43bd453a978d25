export * from './beats/index.js';
export { LineParser, type LineParserOptions } from './line-parser.js';
export { LineSkimmer } from './line-skimmer.js';
export type { Outline } from './outline.js';
export { SOURCES } from './registry.js';
export { isUnparsed, type LogLine, type Source, type Unparsed } from './source.js';
export type { YearRule } from './time/year.js';
export * from './unparsed-counts.js';
export * from './windows/index.js';
