import type { JSX } from 'preact';
import { comparison, otherRun, run } from '../state.ts';

/** The line between two runs: to be dragged, or moved by the arrow keys. */
export function SwipeHandle(): JSX.Element | null {
  const current = comparison.value;
  if (!current) return null;
  const move = (at: number): void => {
    comparison.value = { ...current, at: Math.max(0, Math.min(1, at)) };
  };
  const percent = Math.round(100 * current.at);
  return (
    <section class="swipe" aria-label="Comparison" style={{ left: `${100 * current.at}%` }}>
      <span class="swipe-name swipe-left">{run.value?.title}</span>
      {otherRun.value && <span class="swipe-name swipe-right">{otherRun.value.title}</span>}
      <div
        class="swipe-handle"
        role="slider"
        tabIndex={0}
        aria-label="Where the first run ends and the second begins"
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={`${percent} % of the width`}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event.clientX / window.innerWidth);
        }}
        onKeyDown={(event) => {
          const steps: Readonly<Record<string, number>> = {
            ArrowLeft: -0.02,
            ArrowDown: -0.02,
            ArrowRight: 0.02,
            ArrowUp: 0.02,
            PageDown: -0.1,
            PageUp: 0.1,
            Home: -1,
            End: 1,
          };
          const step = steps[event.key];
          if (step === undefined) return;
          event.preventDefault();
          move(current.at + step);
        }}
      />
    </section>
  );
}
