export { openApiDocument } from './api/openapi.js';
export * from './api/route.js';
export * from './api/routes.js';
