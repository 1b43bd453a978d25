export interface RunningElasticsearch {
  /** `http://127.0.0.1:9200`, or https with TLS. */
  url: string;
  port: number;
  pid: number;
  version: string;
  directory: string;
  /** Of a superuser, with security on. */
  username?: string;
  password?: string;
  /** The server's own certificate in PEM, with TLS. */
  ca?: string;
  /** Ends the server; removes its data if they were temporary. */
  stop(): Promise<void>;
}

export interface StartElasticsearchOptions {
  /** `9.5.3` or `8.19.21`; what `defaultVersion` says when absent. */
  version?: string;
  /** A free one when absent. */
  port?: number;
  /** Where the data stay; temporary when absent. */
  directory?: string;
  /** Users and API keys; anybody may do anything when absent. */
  security?: boolean;
  /** HTTPS with a certificate of its own; needs security. */
  tls?: boolean;
  /** More lines for elasticsearch.yml. */
  settings?: Record<string, string | number | boolean>;
  /** Leave the server running when this process ends. */
  outlive?: boolean;
}

export const VERSIONS: string[];
export function defaultVersion(): string;
export function findJava(version: string): { home: string; major: number } | undefined;
export function whatIsMissing(version?: string, options?: { tls?: boolean }): string | undefined;
export function startElasticsearch(options?: StartElasticsearchOptions): Promise<RunningElasticsearch>;
