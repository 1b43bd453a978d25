/** Milliseconds since 1970 UTC. Core takes it as an argument, so that replay runs by the clock of the events. */
export type Clock = () => number;
