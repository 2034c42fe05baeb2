import { computed, effect } from '@preact/signals';
import { isLive, loading, playbackSpeed, playing, progress, seconds, secondsShown } from '../state.ts';
import { keptFrom, nearestKept, nextFrame } from './timeline.ts';

const kept = computed<readonly number[]>(() => progress.value?.times ?? []);

/** Shows the picture nearest to a time, and stops playing. */
export function goTo(time: number): void {
  playing.value = false;
  seconds.value = nearestKept(kept.value, time);
}

export function stepFrames(frames: number): void {
  const time = keptFrom(kept.value, secondsShown.value, frames);
  if (time === undefined) return;
  playing.value = false;
  seconds.value = time;
}

export const canStep = (frames: -1 | 1): boolean => {
  const time = keptFrom(kept.value, secondsShown.value, frames);
  return time !== undefined && Math.abs(time - secondsShown.value) > 1e-6;
};

export function goLive(): void {
  playing.value = false;
  seconds.value = undefined;
}

/** Holds a live picture, or plays on from the one on show; from the start again where the end is on show. */
export function togglePlaying(): void {
  if (playing.value) {
    playing.value = false;
    return;
  }
  if (isLive.value) {
    seconds.value = secondsShown.value;
    return;
  }
  const times = kept.value;
  const isEnd = nextFrame(times, secondsShown.value, playbackSpeed.value) === undefined;
  seconds.value = isEnd ? times[0] : secondsShown.value;
  playing.value = true;
}

/** Turns `playing` into one time after another; a picture that is late holds the others up. */
export function startPlayback(): () => void {
  let due = { from: Number.NaN, at: 0 };
  return effect(() => {
    if (!playing.value || loading.value) return;
    const now = seconds.value;
    const next = now === undefined ? undefined : nextFrame(kept.peek(), now, playbackSpeed.value);
    if (now === undefined || next === undefined) {
      playing.value = false;
      // What plays up to the newest picture of a run that goes on is live from there.
      if (progress.peek()?.state === 'running') seconds.value = undefined;
      return;
    }
    // Time spent on loading counts, but what has come should also be seen.
    if (due.from !== now) due = { from: now, at: performance.now() + next.wait * 1000 };
    const timer = setTimeout(
      () => {
        seconds.value = next.seconds;
      },
      Math.max(25, due.at - performance.now()),
    );
    return () => clearTimeout(timer);
  });
}
