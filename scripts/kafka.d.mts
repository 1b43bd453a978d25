export interface RunningKafka {
  /** Of the broker, on 127.0.0.1. */
  port: number;
  pid: number;
  version: string;
  directory: string;
  /** Ends the broker; removes its data if they were temporary. */
  stop(): Promise<void>;
}

export interface StartKafkaOptions {
  /** Of Apache Kafka, `4.3.1`; KAFKA_VERSION when absent. */
  version?: string;
  /** A free one when absent. */
  port?: number;
  /** Where the data stay; temporary when absent. */
  directory?: string;
  /** More lines for server.properties. */
  settings?: Record<string, string | number | boolean>;
  /** Leave the broker running when this process ends. */
  outlive?: boolean;
}

export const DEFAULT_VERSION: string;
/** Where the jars of a version are cached. */
export function jarsOf(version: string): string;
export function findJava(): { path: string; major: number } | undefined;
export function whatIsMissing(version?: string): string | undefined;
export function startKafka(options?: StartKafkaOptions): Promise<RunningKafka>;
