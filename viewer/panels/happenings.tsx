import type { JSX } from 'preact';
import type { Happening } from '../../workers/protocol/operations.ts';
import { cluster } from '../cluster.ts';
import { happeningInWords, moodOf, timeOfDay } from './happening-words.ts';

/** As many as the bar has room for; on a phone the last of them are left out. */
const SHOWN = 6;

/** What has just happened to nodes and tiles, where the time of a run would be. */
export function Happenings(): JSX.Element | null {
  const view = cluster.value;
  if (!view) return null;
  return (
    <section class="happenings glass" aria-label="What happens" aria-live="polite">
      {view.happenings.length === 0 && <p class="soft">Nothing has happened since this watch began.</p>}
      <HappeningList happenings={view.happenings.slice(-SHOWN).reverse()} />
    </section>
  );
}

export function HappeningList({ happenings }: { happenings: readonly Happening[] }): JSX.Element {
  return (
    <ol class="happening-list">
      {happenings.map((what) => (
        <li key={what.id} data-mood={moodOf(what)}>
          <time dateTime={new Date(what.at).toISOString()}>{timeOfDay(what.at)}</time>
          <span>{happeningInWords(what)}</span>
        </li>
      ))}
    </ol>
  );
}
