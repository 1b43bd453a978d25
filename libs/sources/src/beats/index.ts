export { BeatsReader, type BeatsReaderOptions } from './beats-reader.js';
export { hostNameOf, placeOf } from './identity.js';
export { JsonRecord } from './json-record.js';
