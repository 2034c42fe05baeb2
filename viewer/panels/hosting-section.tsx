import type { JSX } from 'preact';
import { actions } from '../actions.ts';
import { mostThreads, sharesMemory, threads } from '../compute/computation.ts';
import { type Hosting, hostedTiles, hosting, mayHost } from '../hosting/hosting.ts';
import { Slider } from './controls.tsx';
import { groupDigits } from './place-words.ts';

/** A visitor's own machine as one of the nodes: asked for, shown, and ended at any moment. */
export function HostingSection(): JSX.Element | null {
  if (!mayHost.value) return null;
  const { value } = hosting;
  const isFree = value.phase === 'no' || value.phase === 'ended';
  return (
    <section class="card hosting" aria-labelledby="hosting-title">
      <h3 id="hosting-title">Lend this machine</h3>
      {isFree && (
        <p class="soft small">
          This page can compute tiles of the cluster’s runs while it is open. It sends and receives their edges, some
          megabytes a minute, and keeps {mostThreads === 1 ? 'one core' : 'the cores that you give it'} busy.
        </p>
      )}
      {isFree && sharesMemory && mostThreads > 1 && (
        <Slider
          title="Threads"
          value={threads.value}
          text={`${threads.value} of ${mostThreads}`}
          low={1}
          high={mostThreads}
          step={1}
          onChange={(wanted) => {
            threads.value = wanted;
          }}
        />
      )}
      <p role="status">{words(value)}</p>
      {'node' in value && value.warning !== undefined && <p class="warning small">{value.warning}</p>}
      <p>
        {isFree ? (
          <button type="button" class="button strong" onClick={() => actions.hostShards()}>
            Compute tiles here
          </button>
        ) : (
          <button
            type="button"
            class="button"
            disabled={value.phase === 'leaving'}
            onClick={() => actions.leaveCluster()}
          >
            Stop
          </button>
        )}
      </p>
    </section>
  );
}

function words(value: Hosting): string {
  switch (value.phase) {
    case 'no':
      return '';
    case 'joining':
      return 'Joining the cluster …';
    case 'leaving':
      return `${value.node} leaves: others take its tiles.`;
    case 'ended':
      return `This page computes nothing any more: ${value.why}.`;
    case 'hosting': {
      const tiles = hostedTiles.value;
      const now = tiles === 0 ? 'waits for tiles' : `computes ${groupDigits(tiles)} ${tiles === 1 ? 'tile' : 'tiles'}`;
      const earned = value.earned ? ' Its work has been accepted.' : '';
      return `This page is ${value.node}, and ${now}.${earned}`;
    }
  }
}
