export { UPLINK_ERRORS } from './errors.js';
export * from './gateway-uplink.js';
