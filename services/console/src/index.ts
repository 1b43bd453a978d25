export { openApiDocument } from './api/openapi.js';
export * from './api/route.js';
export * from './api/routes.js';
export { configuredOptions } from './configured-options.js';
export * from './console.module.js';
export * from './console-options.js';
export * from './console-service.js';
export { WEB_ROOT } from './web/web-files.js';
