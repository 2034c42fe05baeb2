import { effect } from '@preact/signals';
import * as state from '../state.ts';
import type { Film } from '../stream/film.ts';
import type { Session } from '../stream/session.ts';
import type { FrameTexture } from './frame-texture.ts';

/** Opens the run that is compared with, whenever another is chosen. */
export function openOther(session: Session): void {
  effect(() => {
    const id = state.comparison.value?.run;
    if (id === undefined) state.otherRun.value = undefined;
    else if (state.connection.peek().phase === 'open') session.openOther(id);
  });
}

/** Shows the other run's frame nearest in time to the one on show. */
export function showOther(texture: FrameTexture, film: Film, level: number): void {
  const [other, field] = [state.otherRun.value, state.field.value];
  if (state.compared.value === undefined || !other || !field) return;
  if (!other.fields.some(({ name }) => name === field.name)) return;
  const times = state.otherProgress.value?.times ?? [];
  const shown = state.shown.value?.seconds;
  const seconds = field.kind === 'lasting' || shown === undefined ? undefined : nearestOf(times, shown);
  const nearest = Math.max(...other.levels.filter((one) => one <= level), Math.min(...other.levels));
  const frame = film.ask({
    ...{ run: other.id, field: field.name, level: nearest },
    ...(seconds === undefined ? {} : { seconds }),
  });
  if (!frame) return;
  texture.show(frame);
  state.otherSeconds.value = frame.seconds;
}

const nearestOf = (times: readonly number[], seconds: number): number | undefined =>
  times.reduce<number | undefined>(
    (best, time) => (best === undefined || Math.abs(time - seconds) < Math.abs(best - seconds) ? time : best),
    undefined,
  );
