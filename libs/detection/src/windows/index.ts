export * from './attempt-windows.js';
export * from './value-windows.js';
export * from './windows.js';
