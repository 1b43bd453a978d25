export { EpisodeWindows } from './episode-windows.js';
export type { Occurrence } from './occurrence.js';
export type { Pattern } from './pattern.js';
export { StepWindows } from './step-windows.js';
export { restoreTemporal, snapshotTemporal } from './temporal-snapshot.js';
export type { HeldOccurrences, TemporalWindowOptions } from './temporal-windows.js';
