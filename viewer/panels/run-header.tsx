import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunSummary } from '../../workers/protocol/viewing.ts';
import { actions } from '../actions.ts';
import { cluster, isWatchOnly } from '../cluster.ts';
import { connection, progress, run, runId, runs, scenarios, seconds, token } from '../state.ts';
import { ClusterStory } from './cluster-header.tsx';
import { Unfolding } from './controls.tsx';
import { stateInWords, watchInWords } from './run-state.ts';

/** Who we are, which run this is, what happened, and whether it happens now. */
export function RunHeader(): JSX.Element {
  return (
    <header class="run-header glass">
      <div class="run-header-line">
        <Mark />
        <span class="name">Terrella</span>
        <StateBadge />
      </div>
      {isWatchOnly.value ? (
        <>
          <h1 class="run-title">The cluster</h1>
          <ClusterStory />
        </>
      ) : (
        <>
          <RunPicker />
          <Story />
        </>
      )}
    </header>
  );
}

function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle cx="16" cy="16" r="13.5" class="mark-ball" />
      <path d="M2.6 13c8-5 18 7 26.8 1M4 21c8-5 16 5 24 0" class="mark-waves" />
    </svg>
  );
}

function StateBadge(): JSX.Element {
  const { kind, text, about } = isWatchOnly.value
    ? watchInWords(connection.value, cluster.value)
    : stateInWords(connection.value, progress.value, seconds.value);
  return (
    <span class="badge" data-kind={kind} title={about} role="status">
      <i aria-hidden="true" />
      {text}
    </span>
  );
}

function RunPicker(): JSX.Element {
  const title = run.value?.title ?? 'No run yet';
  const others = runs.value.length > 1 || (token.value !== undefined && scenarios.value.length > 0);
  if (!others) return <h1 class="run-title">{title}</h1>;
  return (
    <h1 class="run-title">
      <Unfolding kind="run-picker" title={`${title}. Choose another run`} face={<span>{title}</span>}>
        {(close) => (
          <>
            <p class="caption">Runs</p>
            <ul class="plain-list">
              {runs.value.map((summary) => (
                <RunChoice key={summary.id} summary={summary} close={close} />
              ))}
            </ul>
            {token.value !== undefined && scenarios.value.length > 0 && (
              <>
                <p class="caption">Start another</p>
                <ul class="plain-list">
                  {scenarios.value.map((scenario) => (
                    <li key={scenario.name}>
                      <button
                        type="button"
                        class="row-button"
                        onClick={() => {
                          actions.startScenario(scenario.name);
                          close();
                        }}
                      >
                        {scenario.title}
                      </button>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </Unfolding>
    </h1>
  );
}

const SHORT_STATES: Readonly<Record<RunSummary['state'], string>> = {
  starting: 'starting',
  running: 'live',
  paused: 'paused',
  finished: 'finished',
  interrupted: 'interrupted',
  failed: 'failed',
};

function RunChoice({ summary, close }: { summary: RunSummary; close: () => void }): JSX.Element {
  return (
    <li>
      <button
        type="button"
        class="row-button"
        aria-current={summary.id === runId.value}
        onClick={() => {
          actions.openRun(summary.id);
          close();
        }}
      >
        <span>{summary.title}</span>
        <small class="soft">
          {summary.variantOf ? 'what if, ' : ''}
          {SHORT_STATES[summary.state]}
        </small>
      </button>
    </li>
  );
}

/** Two lines, the rest on demand. */
function Story(): JSX.Element | null {
  const [whole, setWhole] = useState(false);
  const [isLong, setLong] = useState(false);
  const paragraph = useRef<HTMLParagraphElement>(null);
  const text = run.value?.description ?? '';
  useEffect(() => {
    const { current } = paragraph;
    if (current && !whole) setLong(current.scrollHeight > current.clientHeight + 2);
  }, [text, whole]);
  if (text === '') return null;
  return (
    <div class="story">
      <p ref={paragraph} class={whole ? '' : 'two-lines'}>
        {text}
      </p>
      {(isLong || whole) && (
        <button type="button" class="link" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Less' : 'More'}
        </button>
      )}
    </div>
  );
}
