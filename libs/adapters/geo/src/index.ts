export { GEO_ERRORS } from './errors.js';
export * from './origin-tables.js';
