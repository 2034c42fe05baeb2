import type { JSX } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';
import type { FieldInfo, ProbeReply, RunInfo } from '../../workers/protocol/viewing.ts';
import { actions } from '../actions.ts';
import { type Pin, type Place, pins, probes, run, secondsShown } from '../state.ts';
import { IconButton } from './controls.tsx';
import { Icon } from './icons.tsx';
import LineChart from './line-chart.tsx';
import { findPlaces, parsePlace } from './place-search.ts';
import { groundInWords, placeInWords } from './place-words.ts';
import { savePins } from './series-files.ts';
import { SeriesTable } from './series-table.tsx';
import { displayOf, quantity } from './units.ts';

/** What it is like at a place, and was over time. */
export default function ProbePanel(): JSX.Element {
  const newest = pins.value.at(-1);
  return (
    <>
      <PlaceSearch />
      {pins.value.length === 0 && (
        <p class="soft">
          Click the globe, search for a place or type latitude and longitude to follow what happens there.
        </p>
      )}
      <ul class="plain-list pins">
        {[...pins.value].reverse().map((pin) => (
          <PinCard key={pin.id} pin={pin} />
        ))}
      </ul>
      <p class="unseen" role="status">
        {newest && spoken(newest)}
      </p>
      {pins.value.length > 0 && (
        <p>
          <button type="button" class="button" onClick={savePins}>
            Save all as CSV
          </button>
        </p>
      )}
    </>
  );
}

const nameOf = (pin: Pin): string => pin.name ?? placeInWords(pin);

function spoken(pin: Pin): string {
  const reply = probes.value.get(pin.id);
  const info = fieldOf(reply);
  return reply && info ? `${nameOf(pin)}: ${info.title}, ${valueInPlace(reply, info)}` : '';
}

const fieldOf = (reply: ProbeReply | undefined): FieldInfo | undefined =>
  run.value?.fields.find(({ name }) => name === reply?.field);

function valueInPlace(reply: ProbeReply, info: FieldInfo): string {
  if (reply.value !== undefined) return quantity(reply.value, displayOf(info));
  if (info.name === 'arrival_time') return 'no wave yet';
  return (reply.ground ?? -1) >= 0 ? 'dry land' : 'no value';
}

function PinCard({ pin }: { pin: Pin }): JSX.Element {
  const reply = probes.value.get(pin.id);
  const info = fieldOf(reply);
  return (
    <li class="card">
      <div class="card-head">
        <h3>
          <button type="button" class="link quiet" title="Turn the globe there" onClick={() => actions.flyTo(pin)}>
            {nameOf(pin)}
          </button>
        </h3>
        <IconButton
          icon="close"
          name={`Remove ${nameOf(pin)}`}
          kind="small"
          onPress={() => actions.removePin(pin.id)}
        />
      </div>
      {reply && info && run.value ? (
        <PinContents pin={pin} reply={reply} info={info} current={run.value} />
      ) : (
        <p class="soft">Asking …</p>
      )}
    </li>
  );
}

function PinContents({
  pin,
  reply,
  info,
  current,
}: {
  pin: Pin;
  reply: ProbeReply;
  info: FieldInfo;
  current: RunInfo;
}): JSX.Element {
  const display = displayOf(info);
  // The chart takes new lines for new numbers, so they stay the same while only time goes on.
  const lines = useMemo(() => {
    const values = reply.series.values.map((value) => value * display.factor);
    return [{ title: info.title, seconds: reply.series.seconds, values, colour: '#6fb7ff' }];
  }, [reply.series, info, display.factor]);
  return (
    <>
      <p class="card-value">
        <b>{valueInPlace(reply, info)}</b> <span class="soft">{info.title}</span>
      </p>
      <p class="soft">
        {pin.name === undefined ? '' : `${placeInWords(pin)} · `}
        {reply.ground === undefined ? '' : groundInWords(reply.ground)}
      </p>
      {lines[0]!.values.length > 1 && (
        <>
          <LineChart
            lines={lines}
            title={`${info.title} at ${nameOf(pin)} over time; the same numbers are in the table below`}
            units={display.units}
            now={secondsShown.value}
            height={136}
          />
          <SeriesTable
            start={current.start}
            caption={`${info.title} [${display.units}] at ${nameOf(pin)}`}
            lines={lines}
          />
        </>
      )}
      <details>
        <summary>Who computes this</summary>
        <p class="soft">
          Tile {reply.tile} on side {reply.panel + 1} of {current.grid.panels}, computed by {reply.owner}.
        </p>
      </details>
    </>
  );
}

/** One box for names and for coordinates. */
function PlaceSearch(): JSX.Element {
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const typed = parsePlace(text);
  const found: readonly (Place & { readonly name?: string })[] = typed ? [typed] : findPlaces(text);
  const choose = (place: (typeof found)[number]): void => {
    actions.addPin({ longitude: place.longitude, latitude: place.latitude }, place.name);
    actions.flyTo(place);
    setText('');
    setChosen(0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && found[chosen]) choose(found[chosen]);
    else if (event.key === 'ArrowDown') setChosen(Math.min(found.length - 1, chosen + 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(0, chosen - 1));
    else if (event.key === 'Escape' && text !== '') {
      setText('');
      // Only the words go, the panel stays.
      event.stopPropagation();
    } else return;
    event.preventDefault();
  };
  return (
    <div class="place-search">
      <Icon name="search" />
      <input
        class="text-input"
        type="text"
        role="combobox"
        aria-label="Place, or latitude and longitude"
        aria-autocomplete="list"
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        autoComplete="off"
        spellcheck={false}
        placeholder="Hilo, or 38.3 N 142.4 E"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="place-choices" role="listbox" aria-label="Places found" id={id} hidden={found.length === 0}>
        {found.map((place, k) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the focus and the keys
          <div
            key={place.name ?? 'typed'}
            id={`${id}-${k}`}
            class="row-button"
            role="option"
            tabIndex={-1}
            aria-selected={k === chosen}
            onClick={() => choose(place)}
          >
            <span>{place.name ?? placeInWords(place, 2)}</span>
            <small class="soft">{place.name ? placeInWords(place) : 'this point'}</small>
          </div>
        ))}
      </div>
      {text.trim() !== '' && found.length === 0 && (
        <p class="soft" role="status">
          No such place here; latitude and longitude always work.
        </p>
      )}
    </div>
  );
}
