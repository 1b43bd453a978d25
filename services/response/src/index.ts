export * from './allowlist.js';
export * from './control/block-desk.js';
export * from './control/control.module.js';
export { CONTROL_ERRORS } from './control/errors.js';
export { RequestDesk } from './control/request-desk.js';
export { armBody, parseBody } from './control/requests.js';
export { responseNumbers } from './numbers.js';
export * from './pipeline.js';
export * from './response.module.js';
