export { EpisodeWindows } from './episode-windows.js';
export type { Occurrence } from './occurrence.js';
export type { Pattern } from './pattern.js';
export { StepWindows } from './step-windows.js';
export { restoreTemporal, snapshotTemporal, type TemporalState } from './temporal-snapshot.js';
export type { HeldOccurrences } from './temporal-windows.js';
