export { caretText, QUERY_ERRORS } from './errors.js';
export { parseQuery } from './parse.js';
export { type TimeSpan, timeSpanOf } from './times.js';
