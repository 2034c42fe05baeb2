import type { JSX } from 'preact';
import { comparison, otherRun, run, runId, runs } from '../state.ts';
import { Choice } from './controls.tsx';

const MODES = [
  { value: 'swipe', title: 'Side by side' },
  { value: 'difference', title: 'Difference' },
] as const;

export default function ComparePanel(): JSX.Element {
  const others = runs.value.filter(({ id }) => id !== runId.value);
  const current = comparison.value;
  if (others.length === 0)
    return (
      <p class="soft">There is only one run here. Think up an earthquake under “What if” to have another to compare.</p>
    );
  return (
    <>
      <label class="picker stacked">
        <span>Compare with</span>
        <select
          value={current?.run ?? ''}
          onChange={({ currentTarget }) => {
            comparison.value =
              currentTarget.value === ''
                ? undefined
                : { mode: current?.mode ?? 'swipe', at: current?.at ?? 0.5, run: currentTarget.value };
          }}
        >
          <option value="">nothing</option>
          {others.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {current ? (
        <>
          <div class="framed">
            <Choice
              title="How to compare"
              value={current.mode}
              choices={MODES}
              onChange={(mode) => {
                comparison.value = { ...current, mode };
              }}
            />
          </div>
          <p class="soft">
            {current.mode === 'swipe'
              ? 'Left of the line is this run, right of it the other. Drag the line, or move it with the arrow keys.'
              : 'This run less the other: red where this one is higher, blue where it is lower, in the colours of the legend.'}
          </p>
          <dl class="facts">
            <dt>This run</dt>
            <dd>{run.value?.title}</dd>
            <dt>The other</dt>
            <dd>{otherRun.value?.title ?? 'being fetched …'}</dd>
          </dl>
          <p>
            <button
              type="button"
              class="button"
              onClick={() => {
                comparison.value = undefined;
              }}
            >
              Stop comparing
            </button>
          </p>
        </>
      ) : (
        <p class="soft">Both are shown at the same time after their start, in the same colours.</p>
      )}
    </>
  );
}
