import { type ClusterStatus, wholeStatus } from '../coordinator/whole-status.ts';
import type { Clock } from '../node/clock.ts';
import type { LeaderReply, LeaderRequest } from '../protocol/cluster-messages.ts';
import {
  type ClusterView,
  type LeaderSeen,
  MOST_HAPPENINGS,
  NOTHING_SEEN,
  type WhatHappened,
} from '../protocol/operations.ts';
import { happenedBetween, recorded } from './cluster-changes.ts';
import { watchedAt } from './cluster-view.ts';

/** What a gateway shows of a cluster. */
export interface ClusterSource {
  view(): ClusterView;
  /** Calls back when the view is another, until the function that it gives is called. */
  onChange(listener: () => void): () => void;
}

export interface WatchSettings {
  /** One question to whoever leads; throws where nobody answers. */
  readonly ask: (request: LeaderRequest) => Promise<LeaderReply>;
  readonly clock: Clock;
  /** Time of day [ms since 1970]. */
  readonly date?: () => number;
  /** Between two looks [ms]. */
  readonly every?: number;
}

const EVERY = 1000;

/** Asks the leader about once a second who computes what, and keeps what has happened. */
export class ClusterWatch implements ClusterSource {
  private readonly settings: WatchSettings;
  private readonly listeners = new Set<() => void>();
  private seen: ClusterView = NOTHING_SEEN;
  private isStopped = false;
  private hasSeen = false;
  private lastAnswer: number | undefined;

  constructor(settings: WatchSettings) {
    this.settings = settings;
    void this.watch();
  }

  view(): ClusterView {
    return this.seen;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.isStopped = true;
    this.listeners.clear();
  }

  private async watch(): Promise<void> {
    const { clock, every = EVERY, date = Date.now } = this.settings;
    while (!this.isStopped) {
      try {
        const status = await wholeStatus(this.settings.ask);
        if (this.isStopped) return;
        this.answered(status, date());
      } catch (error) {
        if (this.isStopped) return;
        this.unanswered(error instanceof Error ? error.message : String(error), date());
      }
      await clock.wait(every);
    }
  }

  private answered(status: ClusterStatus, at: number): void {
    const before = this.seen;
    const watched = watchedAt(at, status, before);
    // What was there at the first look has not just happened.
    const happened: WhatHappened[] = this.hasSeen ? [...happenedBetween(before, watched, at)] : [];
    if (before.leader.state !== 'answers') happened.unshift({ kind: 'leader-found' });
    this.hasSeen = true;
    this.lastAnswer = at;
    this.show({ ...watched, leader: { state: 'answers' } }, happened, at);
  }

  private unanswered(message: string, at: number): void {
    const { leader } = this.seen;
    if (leader.state === 'silent' && leader.message === message) return;
    const since = leader.state === 'silent' ? leader.since : (this.lastAnswer ?? at);
    const seen: LeaderSeen = { state: 'silent', since, message };
    const happened: WhatHappened[] = leader.state === 'silent' ? [] : [{ kind: 'leader-lost', message }];
    this.show({ ...this.seen, leader: seen }, happened, at);
  }

  private show(next: Omit<ClusterView, 'happenings'>, happened: readonly WhatHappened[], at: number): void {
    const happenings = recorded(this.seen.happenings, happened, at, MOST_HAPPENINGS);
    this.seen = { ...next, happenings };
    for (const listener of this.listeners) listener();
  }
}
