import { computed, effect } from '@preact/signals';
import { isLive, playbackSpeed, playing, progress, run, seconds, secondsShown } from '../state.ts';
import { suitableSpeed } from './playback-speeds.ts';
import { keptFrom, nearestKept } from './timeline.ts';

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
  const isEnd = secondsShown.value >= (kept.value.at(-1) ?? 0) - 1e-6;
  seconds.value = isEnd ? kept.value[0] : secondsShown.value;
  playing.value = true;
}

/** A run of seconds and one of weeks cannot play equally fast. */
export function suitSpeedToRun(): () => void {
  return effect(() => {
    const duration = run.value?.duration;
    if (duration !== undefined) playbackSpeed.value = suitableSpeed(duration, playbackSpeed.peek());
  });
}
