import { effect } from '@preact/signals';
import type { FieldInfo, RunInfo } from '../../workers/protocol/viewing.ts';
import * as state from '../state.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import type { Film } from '../stream/film.ts';

/** A frame of the present is as good as new for so long [ms]. */
const PRESENT = 2000;
/** Frames fetched ahead of the one that comes next. */
const AHEAD = 3;

/** What is to be shown of a time: frames before and after it, and the share of the later one. */
export interface Moment {
  readonly first: DecodedFrame | undefined;
  readonly second: DecodedFrame | undefined;
  readonly share: number;
}

/** Time goes on while playing. */
export function playOn(elapsed: number): void {
  const { times = [], state: phase } = state.progress.value ?? {};
  // Time waits for the frames that it takes.
  if (!state.playing.value || times.length === 0 || state.loading.value) return;
  const last = times.at(-1)!;
  const seconds = (state.seconds.value ?? times[0]!) + elapsed * state.playbackSpeed.value;
  state.seconds.value = seconds < last ? seconds : phase === 'running' ? undefined : last;
  if (seconds >= last) state.playing.value = false;
}

/** The frames of the time on show, fetched where they are not here yet; `live` is the newest of a run that goes on. */
export function momentOf(
  film: Film,
  run: RunInfo,
  field: FieldInfo,
  level: number,
  live: DecodedFrame | undefined,
): Moment {
  const seconds = state.seconds.value;
  const key = { run: run.id, field: field.name, level };
  const { times = [], state: phase } = state.progress.value ?? {};
  const goesOn = phase === 'running' || phase === 'paused';
  if (field.kind === 'lasting' || seconds === undefined || times.length === 0)
    return { first: goesOn && live ? live : film.ask(key), second: undefined, share: 0 };
  const k = indexAt(times, seconds);
  const [from, to] = [times[k]!, times[k + 1]];
  const first = film.ask({ ...key, seconds: from });
  // Two runs are compared at a time that both have; a plane is shown cell by cell, time by time.
  const isWhole = state.compared.value !== undefined || run.grid.kind === 'plane';
  const share = to === undefined || isWhole ? 0 : Math.max(0, Math.min(1, (seconds - from) / (to - from)));
  const second = to === undefined || share === 0 ? undefined : film.ask({ ...key, seconds: to });
  if (state.playing.value) for (const ahead of times.slice(k + 2, k + 2 + AHEAD)) film.ask({ ...key, seconds: ahead });
  return { first, second, share };
}

/** What was the present is past when the run goes on, and when it ends. */
export function forgetThePresent(film: Film): void {
  let phase = '';
  let forgot = 0;
  effect(() => {
    const { run, state: now } = state.progress.value ?? {};
    const isNews = `${run} ${now}` !== phase;
    phase = `${run} ${now}`;
    if (!isNews && (now !== 'running' || performance.now() < forgot + PRESENT)) return;
    forgot = performance.now();
    // A frame asked for before the end shows what was before it; of a run that goes on a late one is new enough.
    if (isNews) film.forgetPresent();
    else film.refreshPresent();
  });
}

/** The last of some ascending times that is not after another; the first where all are. */
export function indexAt(times: readonly number[], seconds: number): number {
  const after = times.findIndex((time) => time > seconds + 1e-6);
  return Math.max(0, (after === -1 ? times.length : after) - 1);
}
