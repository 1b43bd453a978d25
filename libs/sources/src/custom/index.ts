export { CUSTOM_SOURCE_ERRORS } from './errors.js';
export { type CustomSourceFile, loadCustomSource } from './load.js';
export { customSourceSchema } from './schema.js';
