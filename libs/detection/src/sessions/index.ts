export { type Session, sessionsOf } from './sessions.js';
