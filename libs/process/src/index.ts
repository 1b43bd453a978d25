export * from './bind-socket.js';
export { PROCESS_ERRORS, processError } from './errors.js';
export * from './run-process.js';
export { Troubles } from './troubles.js';
