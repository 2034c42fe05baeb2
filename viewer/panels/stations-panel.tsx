import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { RunInfo, StationInfo, StationReply } from '../../workers/protocol/viewing.ts';
import { actions } from '../actions.ts';
import { chosenStation, progress, run, secondsShown, stations } from '../state.ts';
import LineChart, { type Line } from './line-chart.tsx';
import { MiniChart } from './mini-chart.tsx';
import { placeInWords } from './place-words.ts';
import { saveStation } from './series-files.ts';
import { SeriesTable } from './series-table.tsx';
import { scoreInWords } from './station-words.ts';
import { valueInWords } from './units.ts';

type Record = StationReply['stations'][number];

/** What was measured, over what is computed. */
export default function StationsPanel(): JSX.Element {
  const current = run.value;
  if (!current || current.stations.length === 0) return <p class="soft">This run records at no stations.</p>;
  const recordOf = (id: string): Record | undefined => stations.value?.stations.find((record) => record.id === id);
  const chosen =
    current.stations.find(({ id }) => id === chosenStation.value) ??
    current.stations.find(({ observed }) => observed) ??
    current.stations[0]!;
  const record = recordOf(chosen.id);
  return (
    <>
      <div class="card">
        <div class="card-head">
          <h3>
            <button type="button" class="link quiet" title="Turn the globe there" onClick={() => actions.flyTo(chosen)}>
              {chosen.name}
            </button>
          </h3>
          <small class="soft">{placeInWords(chosen)}</small>
        </div>
        {record ? <StationRecord station={chosen} record={record} current={current} /> : <p class="soft">Asking …</p>}
      </div>
      <ul class="plain-list">
        {current.stations.map((station) => (
          <li key={station.id}>
            <StationRow station={station} record={recordOf(station.id)} chosen={station === chosen} />
          </li>
        ))}
      </ul>
    </>
  );
}

function StationRow({
  station,
  record,
  chosen,
}: {
  station: StationInfo;
  record: Record | undefined;
  chosen: boolean;
}): JSX.Element {
  const highest = record?.model.values.reduce((size, value) => Math.max(size, value), 0) ?? 0;
  return (
    <button
      type="button"
      class="row-button station-row"
      aria-pressed={chosen}
      onClick={() => {
        chosenStation.value = station.id;
      }}
    >
      <span>
        {station.name}
        <small class="soft">{station.observed ? 'measured and computed' : 'computed'}</small>
      </span>
      {record && <MiniChart {...record.model} from={0} to={run.value?.duration ?? 1} />}
      <small class="station-height">{record ? `${valueInWords(highest)} m` : ''}</small>
    </button>
  );
}

const MODEL = '#6fb7ff';
const OBSERVED = '#e8eef8';

function StationRecord({
  station,
  record,
  current,
}: {
  station: StationInfo;
  record: Record;
  current: RunInfo;
}): JSX.Element {
  const lines = useMemo<readonly Line[]>(
    () => [
      ...(record.observed ? [{ title: 'measured', ...record.observed, colour: OBSERVED }] : []),
      { title: 'computed', ...record.model, colour: MODEL },
    ],
    [record],
  );
  const masked = record.observed ? (record.maskedUntil ?? 0) : 0;
  return (
    <>
      <p class="keys-of-lines" aria-hidden="true">
        {lines.map(({ title, colour }) => (
          <span key={title}>
            <i style={{ background: colour }} />
            {title}
          </span>
        ))}
        <span class="soft">height of the sea surface</span>
      </p>
      <LineChart
        lines={lines}
        title={`Height of the sea surface at ${station.name}, ${lines.map((line) => line.title).join(' and ')}; the same numbers are in the table below`}
        units="m"
        now={secondsShown.value}
        maskedUntil={masked}
        height={184}
      />
      {masked > 0 && <p class="soft small">Grey: the sea floor shakes; what the buoy records there is no tsunami.</p>}
      {record.score && (
        <ul class="sentences">
          {scoreInWords(record.score).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {record.observed && !record.score && progress.value?.state === 'running' && (
        <p class="soft">How well they agree is told when the wave has passed.</p>
      )}
      <SeriesTable start={current.start} caption={`Height of the sea surface [m] at ${station.name}`} lines={lines} />
      <p>
        <button type="button" class="button" onClick={() => saveStation(current, station, record)}>
          Save as CSV
        </button>
      </p>
    </>
  );
}
