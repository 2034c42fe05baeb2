import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PageProgress, PageResult } from '../../workers/page/compute-recipe.ts';
import { actions } from '../actions.ts';
import {
  type Computation,
  computation,
  computesOn,
  type Expected,
  graphics,
  imagined,
  mostThreads,
  sharesMemory,
  threads,
  wanted,
} from '../compute/computation.ts';
import { findGraphics } from '../compute/graphics.ts';
import { isHere, run } from '../state.ts';
import { writeLink } from '../url.ts';
import './compute.css';
import { Choice, CopyButton, Slider } from './controls.tsx';
import { Hash } from './hash.tsx';
import { Icon } from './icons.tsx';
import { groupDigits } from './place-words.ts';
import { durationInWords } from './time-words.ts';

/** The run on show, computed by the visitor's own machine and held against the hash that came with it. */
export default function ComputePanel(): JSX.Element {
  const current = run.value;
  if (!current) return <p class="soft">No run yet.</p>;
  const { value: here } = computation;
  const { grid, steps } = current;
  const isOther = here.phase !== 'idle' && here.of !== current.id;
  return (
    <>
      <p>
        {imagined.value
          ? 'Your own machine computes this earthquake, in this page. Whoever opens the link gets every bit of it again.'
          : 'Your own machine computes this run anew, in this page, with the program that computed it first. If the hash at the end is the same, so is every bit of the result.'}
      </p>
      <p class="soft">
        {groupDigits(grid.panels * grid.cellsX * grid.cellsY)} cells, {groupDigits(steps)} steps,{' '}
        {current.precision === 'float32' ? 'single' : 'double'} precision. Nothing leaves this page.
      </p>
      {here.phase !== 'busy' && <Where isSingle={current.precision === 'float32'} />}
      {here.phase !== 'busy' && computesOn.value === 'processor' && <Threads />}
      {isOther && here.phase === 'busy' && <p class="soft">Still at work on: {here.title}</p>}
      {here.phase === 'busy' ? (
        <Working progress={here.progress} />
      ) : (
        <Start again={here.phase === 'done' && !isOther} />
      )}
      {!isOther && <Outcome here={here} />}
      {isHere.value && here.phase !== 'busy' && (
        <p>
          <button type="button" class="button" onClick={() => actions.leaveHere()}>
            Show the first run again
          </button>
        </p>
      )}
    </>
  );
}

const PLACES = [
  { value: 'processor', title: 'Processor' },
  { value: 'graphics', title: 'Graphics card' },
] as const;

/** The choice between processor and graphics card, where there is one. */
function Where({ isSingle }: { isSingle: boolean }): JSX.Element | null {
  useEffect(() => {
    if (graphics.value === undefined)
      void findGraphics().then((found) => {
        graphics.value = found ?? null;
      });
  }, []);
  const { value: device } = graphics;
  const isOffered = device !== undefined && device !== null && !device.software && isSingle;
  // A double-precision run after one on the card is the processor's again.
  if (!isOffered && computesOn.value === 'graphics' && !isSingle) computesOn.value = 'processor';
  if (!isOffered) return null;
  return (
    <div class="framed">
      <Choice
        title="Computes on"
        choices={PLACES}
        value={computesOn.value}
        onChange={(value) => {
          computesOn.value = value;
        }}
      />
      {computesOn.value === 'graphics' && (
        <p class="soft small">
          {device.name} rounds in a way of its own: the result is close to the first run’s, and its bits are not the
          same.
        </p>
      )}
    </div>
  );
}

function Threads(): JSX.Element | null {
  if (!sharesMemory)
    return (
      <p class="soft small">
        It computes with one thread: this host does not let pages share memory between threads. The bits are the same.
      </p>
    );
  if (mostThreads === 1) return null;
  return (
    <Slider
      title="Threads"
      value={threads.value}
      text={`${threads.value} of ${mostThreads}`}
      low={1}
      high={mostThreads}
      step={1}
      onChange={(value) => {
        threads.value = value;
      }}
    />
  );
}

function Start({ again }: { again: boolean }): JSX.Element {
  return (
    <p>
      <button type="button" class="button strong" onClick={() => actions.computeHere()}>
        {again ? 'Compute it once more' : 'Compute it here'}
      </button>
    </p>
  );
}

const PHASES: Readonly<Record<PageProgress['phase'], string>> = {
  reading: 'Fetching sea floor and sources …',
  preparing: 'Laying out the globe and compiling the equations …',
  stepping: 'Computing',
};

function Working({ progress }: { progress: PageProgress }): JSX.Element {
  const { phase, step, steps, stepping } = progress;
  const left = step > 0 ? ((stepping / step) * (steps - step)) / 1000 : undefined;
  return (
    <section class="card" aria-label="Progress">
      <p role="status">
        <b>{PHASES[phase]}</b>
      </p>
      <progress
        class="computing"
        aria-label="Steps made"
        {...(phase === 'stepping' && steps > 0 ? { max: steps, value: step } : {})}
      />
      <div class="card-head">
        <span class="soft small">
          {phase === 'stepping' ? `Step ${groupDigits(step)} of ${groupDigits(steps)}` : 'This takes a few seconds.'}
        </span>
        <span class="soft small">{left !== undefined && left >= 1 && `${durationInWords(Math.round(left))} left`}</span>
      </div>
      <p>
        <button type="button" class="button" onClick={() => actions.cancelComputing()}>
          Cancel
        </button>
      </p>
    </section>
  );
}

function Outcome({ here }: { here: Computation }): JSX.Element | null {
  switch (here.phase) {
    case 'idle':
    case 'busy':
      return null;
    case 'cancelled':
      return <p role="status">Cancelled. Nothing was kept.</p>;
    case 'failed':
      return (
        <p role="alert" class="warning">
          It could not be computed. {here.message}
        </p>
      );
    case 'done':
      return <Reached result={here.result} />;
  }
}

function Reached({ result }: { result: PageResult }): JSX.Element {
  const { value: held } = wanted;
  return (
    <>
      <Verdict result={result} wanted={held} />
      <dl class="facts hashes">
        {result.stateHash !== undefined && (
          <Hash ends={8} title="Computed here">
            {result.stateHash}
          </Hash>
        )}
        {held && (
          <Hash ends={8} title={held.by === 'run' ? 'First run' : 'In the link'}>
            {held.stateHash}
          </Hash>
        )}
        {result.chain !== undefined && (
          <Hash ends={8} title="All states, here">
            {result.chain}
          </Hash>
        )}
        {held?.chain !== undefined && (
          <Hash ends={8} title="All states, first">
            {held.chain}
          </Hash>
        )}
        <Hash ends={8} title="Scenario">
          {result.identity}
        </Hash>
      </dl>
      <p class="soft small">
        {groupDigits(result.steps)} steps in {durationInWords(result.stepping / 1000)}{' '}
        {result.device === undefined
          ? `with ${result.threads} ${result.threads === 1 ? 'thread' : 'threads'}`
          : `on ${result.device}`}
        , after {durationInWords(result.preparing / 1000)} of preparing.
      </p>
      {result.stateHash !== undefined && <PassOn />}
    </>
  );
}

function Verdict({ result, wanted }: { result: PageResult; wanted: Expected | undefined }): JSX.Element {
  if (result.stateHash === undefined)
    return (
      <p role="status" class="card">
        <b>Done, close to the first run.</b> A graphics card has bits of its own, so there is no hash to hold against
        another. Compute it on the processor for that.
      </p>
    );
  if (!wanted)
    return (
      <p role="status" class="card">
        {imagined.value
          ? 'Done. Nobody has told a hash for this earthquake yet: the link below carries the one reached here.'
          : 'Done. The first run has no hash to compare yet; it has one when it ends.'}
      </p>
    );
  const isSame = result.stateHash === wanted.stateHash && (wanted.chain === undefined || result.chain === wanted.chain);
  return (
    <p role="status" class="card verdict" data-same={isSame}>
      <Icon name={isSame ? 'check' : 'trouble'} />
      {isSame ? (
        <span>
          <b>The same bits.</b> Your machine has reached exactly the result of the{' '}
          {wanted.by === 'run' ? 'first run' : 'link'}, on every cell.
        </span>
      ) : (
        <span>
          <b>Another result.</b> The hash is not that of the {wanted.by === 'run' ? 'first run' : 'link'}: one of the
          two used another version of Terrella, or has found an error.
        </span>
      )}
    </p>
  );
}

function PassOn(): JSX.Element {
  const address = `${location.href.replace(/#.*/, '')}#${writeLink()}`;
  return (
    <section class="stack" aria-labelledby="again-title">
      <h3 id="again-title">Let somebody else try</h3>
      <p class="soft">This link computes the run again wherever it is opened, and says whether the hash is this one.</p>
      <div class="link-line">
        <input
          class="text-input"
          type="text"
          readOnly
          aria-label="Link that computes the run again"
          value={address}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <CopyButton text={address} name="Copy the link" />
      </div>
    </section>
  );
}
