import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { actions } from '../actions.ts';
import { notice, pins, progress, run, secondsShown, stations } from '../state.ts';
import { writeLink } from '../url.ts';
import { CopyButton, Slider } from './controls.tsx';
import { saveFile } from './saving.ts';
import { savePins, saveStation } from './series-files.ts';
import { clockTime, durationInWords } from './time-words.ts';

/** What can be taken along: a link, a picture, a film, numbers. */
export default function SharePanel(): JSX.Element {
  return (
    <>
      <ShareLink />
      <Picture />
      <Film />
      <Numbers />
    </>
  );
}

function ShareLink(): JSX.Element {
  const address = `${location.href.replace(/#.*/, '')}#${writeLink()}`;
  return (
    <section class="stack" aria-labelledby="link-title">
      <h3 id="link-title">Link</h3>
      <p class="soft">Shows the same view of the same run, at the same time.</p>
      <div class="link-line">
        <input
          class="text-input"
          type="text"
          readOnly
          aria-label="Link to this view"
          value={address}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <CopyButton text={address} name="Copy the link" />
      </div>
    </section>
  );
}

function nameOfFile(ending: string): string {
  const current = run.value;
  if (!current) return `terrella.${ending}`;
  const time = clockTime(current.start, secondsShown.value).replace(':', '');
  return `${current.name}-${time}-utc.${ending}`;
}

function Picture(): JSX.Element {
  const [busy, setBusy] = useState(false);
  const save = (): void => {
    setBusy(true);
    actions
      .savePicture()
      .then((picture) => saveFile(nameOfFile('png'), picture))
      .catch(tell)
      .finally(() => setBusy(false));
  };
  return (
    <section class="stack" aria-labelledby="picture-title">
      <h3 id="picture-title">Picture</h3>
      <p class="soft">This view with its legend and time.</p>
      <p>
        <button type="button" class="button" disabled={busy} onClick={save}>
          {busy ? 'Drawing …' : 'Save as PNG'}
        </button>
      </p>
    </section>
  );
}

function tell(cause: unknown): void {
  notice.value = `The picture could not be made: ${cause instanceof Error ? cause.message : String(cause)}`;
}

function Film(): JSX.Element | null {
  const last = progress.value?.times.at(-1) ?? 0;
  const [from, setFrom] = useState(0);
  const [to, setTo] = useState<number | undefined>(undefined);
  const [frames, setFrames] = useState(48);
  const [done, setDone] = useState<number | undefined>(undefined);
  if (last === 0) return null;
  const end = Math.min(to ?? last, last);
  const step = last / 200;
  const save = (): void => {
    setDone(0);
    actions
      .saveAnimation(from, end, frames, setDone)
      .then((film) => saveFile(nameOfFile('gif'), film))
      .catch(tell)
      .finally(() => setDone(undefined));
  };
  return (
    <section class="stack" aria-labelledby="film-title">
      <h3 id="film-title">Film</h3>
      <Slider
        title="From"
        value={from}
        text={from === 0 ? 'the start' : durationInWords(from)}
        low={0}
        high={last}
        step={step}
        onChange={(value) => setFrom(Math.min(value, end - step))}
      />
      <Slider
        title="To"
        value={end}
        text={durationInWords(end)}
        low={0}
        high={last}
        step={step}
        onChange={(value) => setTo(Math.max(value, from + step))}
      />
      <Slider title="Pictures" value={frames} text={String(frames)} low={8} high={160} step={8} onChange={setFrames} />
      <p class="control-line">
        <button type="button" class="button" disabled={done !== undefined} onClick={save}>
          {done === undefined ? 'Save as GIF' : 'Making it …'}
        </button>
        {done !== undefined && (
          <progress max={frames} value={done} aria-label="Pictures made">
            {done} of {frames}
          </progress>
        )}
      </p>
    </section>
  );
}

function Numbers(): JSX.Element {
  const current = run.value;
  const records = stations.value?.stations ?? [];
  const named = current?.stations.flatMap((station) => {
    const record = records.find(({ id }) => id === station.id);
    return record ? [{ station, record }] : [];
  });
  return (
    <section class="stack" aria-labelledby="numbers-title">
      <h3 id="numbers-title">Numbers</h3>
      {pins.value.length === 0 && !named?.length ? (
        <p class="soft">Probe a place to have its numbers over time as a table.</p>
      ) : (
        <p class="control-line">
          {pins.value.length > 0 && (
            <button type="button" class="button" onClick={savePins}>
              Probed places, CSV
            </button>
          )}
          {named?.map(({ station, record }) => (
            <button
              key={station.id}
              type="button"
              class="button"
              onClick={() => saveStation(current!, station, record)}
            >
              {station.name}, CSV
            </button>
          ))}
        </p>
      )}
    </section>
  );
}
