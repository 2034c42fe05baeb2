import type { JSX } from 'preact';
import type { Progress, RunInfo } from '../../workers/protocol/viewing.ts';
import { actions } from '../actions.ts';
import { drawing, engine, layers, panel, progress, run } from '../state.ts';
import { Switch } from './controls.tsx';
import { Hash } from './hash.tsx';
import { whyNotAllowed } from './permission.ts';
import { groupDigits } from './place-words.ts';
import { TileNet } from './tile-net.tsx';
import { durationInWords, speedInWords } from './time-words.ts';

/** Who computes what, how fast, and how anyone makes it again. */
export default function OperationsPanel(): JSX.Element {
  const [current, now] = [run.value, progress.value];
  if (!current || !now) return <p class="soft">No run yet.</p>;
  return (
    <>
      <Speed current={current} now={now} />
      {(now.state === 'running' || now.state === 'paused' || now.state === 'starting') && <Controls now={now} />}
      <Tiles current={current} now={now} />
      <Reproduction current={current} now={now} />
      <p class="soft small">
        Engine {engine.value || 'unknown'}. This page draws {Math.round(drawing.value.perSecond)} pictures a second,{' '}
        {drawing.value.milliseconds.toFixed(1)} ms each.
      </p>
    </>
  );
}

function Speed({ current, now }: { current: RunInfo; now: Progress }): JSX.Element {
  const { grid } = current;
  return (
    <>
      <div class="figures">
        <Figure
          value={`${groupDigits(Math.round(now.realTimeFactor))} ×`}
          words={now.state === 'running' ? 'real time' : 'real time, on average'}
        />
        <Figure value={groupDigits(now.step)} words={`of ${groupDigits(current.steps)} steps`} />
        <Figure value={durationInWords(now.wallSeconds)} words="of computing" />
      </div>
      <p class="soft">
        {groupDigits(grid.panels * grid.cellsX * grid.cellsY)} cells, {current.threads}{' '}
        {current.threads === 1 ? 'thread' : 'threads'} of one computer,{' '}
        {current.precision === 'float32' ? 'single' : 'double'} precision, {Number(current.timeStep.toPrecision(3))} s a
        step.
      </p>
    </>
  );
}

function Figure({ value, words }: { value: string; words: string }): JSX.Element {
  return (
    <p class="figure">
      <b>{value}</b>
      <small class="soft">{words}</small>
    </p>
  );
}

const LIMITS = [60, 300, 1800, 3600, 7200] as const;

function Controls({ now }: { now: Progress }): JSX.Element {
  const obstacle = whyNotAllowed();
  const isPaused = now.state === 'paused';
  const limits = [...new Set([...LIMITS, ...(now.speedLimit === undefined ? [] : [now.speedLimit])])].sort(
    (a, b) => a - b,
  );
  return (
    <section class="card" aria-label="Control">
      <div class="control-line">
        <button
          type="button"
          class="button"
          disabled={obstacle !== undefined}
          onClick={() => (isPaused ? actions.resume() : actions.pause())}
        >
          {isPaused ? 'Go on' : 'Pause the computation'}
        </button>
        <button type="button" class="button" disabled={obstacle !== undefined} onClick={() => actions.stop()}>
          Stop
        </button>
      </div>
      <label class="picker stacked">
        <span>Speed of the computation</span>
        <select
          disabled={obstacle !== undefined}
          value={String(now.speedLimit ?? '')}
          onChange={({ currentTarget }) =>
            actions.limitSpeed(currentTarget.value === '' ? undefined : Number(currentTarget.value))
          }
        >
          <option value="">as fast as it goes</option>
          {limits.map((limit) => (
            <option key={limit} value={String(limit)}>
              at most {speedInWords(limit)}
            </option>
          ))}
        </select>
      </label>
      {obstacle !== undefined && <p class="soft small">{obstacle}</p>}
    </section>
  );
}

const SIDES = ['Africa, Europe', 'Indian Ocean, Asia', 'West of the Pacific', 'Americas', 'Arctic', 'Antarctic'];

function Tiles({ current, now }: { current: RunInfo; now: Progress }): JSX.Element {
  const { grid } = current;
  const perSide = (grid.cellsX / grid.tileX) * (grid.cellsY / grid.tileY);
  // Of a run that is over there is no last step to show.
  const tiles = now.state === 'running' || now.state === 'paused' ? now.tiles : undefined;
  const sides = Array.from({ length: grid.panels }, (_, side) => {
    const busy = tiles?.subarray(side * perSide, (side + 1) * perSide).reduce((sum, tile) => sum + tile, 0);
    return { name: grid.panels === 6 ? SIDES[side]! : 'The channel', busy };
  });
  const total = sides.reduce((sum, { busy = 0 }) => sum + busy, 0);
  return (
    <section aria-labelledby="tiles-title" class="stack">
      <h3 id="tiles-title">Tiles</h3>
      <p class="soft">
        The globe is cut into {groupDigits(perSide * grid.panels)} tiles that the threads take from one list, step by
        step. Where the water is still nothing has to be computed: {now.state === 'finished' ? 'in all' : 'so far'}{' '}
        {Math.round(100 * now.atRest)} % of the work was saved.
      </p>
      {tiles && tiles.length > 0 && (
        <>
          <TileNet grid={grid} tiles={tiles} />
          <table>
            <caption class="unseen">Tiles being computed and at rest, for each side of the globe</caption>
            <thead>
              <tr>
                <th scope="col">Side</th>
                <th scope="col">Computed</th>
                <th scope="col">At rest</th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {sides.map(({ name, busy = 0 }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{busy}</td>
                  <td>{perSide - busy}</td>
                  <td>{total === 0 ? '–' : `${Math.round((100 * busy) / total)} %`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <Switch
        title="Draw the tiles on the globe"
        on={layers.value.tiles}
        onChange={(on) => {
          layers.value = { ...layers.value, tiles: on };
        }}
      />
    </section>
  );
}

function Reproduction({ current, now }: { current: RunInfo; now: Progress }): JSX.Element {
  return (
    <section aria-labelledby="reproduction-title" class="stack">
      <h3 id="reproduction-title">Make it again</h3>
      <p class="soft">
        The same scenario gives the same bits on any computer, with any number of threads. Whoever runs{' '}
        <code>terrella run {current.name}</code> gets the hash below, or has found an error.
      </p>
      <p>
        <button
          type="button"
          class="button"
          onClick={() => {
            panel.value = 'compute';
          }}
        >
          Compute it here
        </button>
      </p>
      <dl class="facts hashes">
        <Hash title="Scenario">{current.identity}</Hash>
        {now.stateHash !== undefined && <Hash title="State">{now.stateHash}</Hash>}
        {now.chain !== undefined && <Hash title="All states so far">{now.chain}</Hash>}
      </dl>
    </section>
  );
}
