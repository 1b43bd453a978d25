import type { Block, FirewallCapabilities } from '@fleetwall/core';

/** What the service answers over its control socket, as far as people are shown it. `--json` prints the whole answer. */
export interface StatusAnswer {
  host: string;
  home: string;
  http?: string;
  /** Link that creates the first administrator of the console; absent once there is one. */
  setup?: string;
  startedAt: string;
  ready: boolean;
  armed: boolean;
  armedBy?: string;
  firewall: FirewallCapabilities;
  enforcing: boolean;
  read: { lines: number; events: number; history: number };
  watched: Watched[];
  inputs: { name: string; problems: InputProblem[] }[];
  blocks: {
    active: number;
    held: number;
    inForceHere: number;
    exceptions: { target: string; state: string; reason: string }[];
    droppedPackets: number;
  };
  notices: { atMs: number; action: string; message: string }[];
}

export interface Watched {
  what: string;
  why: string;
  readable: boolean;
  /** What to do when it cannot be read. */
  hint?: string;
}

export interface InputProblem {
  code: string;
  stream: string;
  message: string;
  hint: string;
}

export interface DoctorAnswer {
  home: string;
  reads: Watched[];
  problems: InputProblem[];
  firewall: FirewallCapabilities;
  armed: boolean;
}

export type BlockAnswer = Block & { at: string; until: string };

export interface SessionAnswer {
  account: string;
  address?: string;
  host: string;
  from?: string;
  until?: string;
}

export interface EvidenceLine {
  time: string;
  host: string;
  line: string;
}

export interface WhyAnswer {
  target: string;
  blocked: boolean;
  refusedHere?: string;
  blocks: {
    target: string;
    scope: string;
    state: Block['state'];
    at: string;
    until: string;
    ports: string;
    offence: number;
    reasons: { rule: string; summary: string; evidence: EvidenceLine[] }[];
  }[];
  latest: EvidenceLine[];
}

export interface AllowAnswer {
  target: string;
  reason: string;
  owner: string;
  createdMs: number;
  untilMs?: number;
}

export interface SelftestAnswer {
  ok: boolean;
  address: string;
  steps: { step: string; ok: boolean; detail: string; afterMs: number }[];
}

/** What an erasure does not reach, and until when it is there. */
type Remains = { what: string; until: string }[];

export interface ErasurePreviewAnswer {
  events: number;
  alerts: number;
  changedAlerts: number;
  blocksInForce: number;
  remains: Remains;
}

export interface ErasedAnswer {
  accounts: number;
  tokens: number;
  events: number;
  alerts: number;
  changedAlerts: number;
  notes: number;
  blocks: number;
  news: number;
  remains: Remains;
}
