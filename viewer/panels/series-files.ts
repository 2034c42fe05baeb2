import type { RunInfo, StationInfo, StationReply } from '../../workers/protocol/viewing.ts';
import { pins, probes, run } from '../state.ts';
import { csv, seriesRows } from './csv.ts';
import { saveFile } from './saving.ts';
import { isoTime } from './time-words.ts';

/** Saves the series of every pin as one table, a row for each value, in the units of the run. */
export function savePins(): void {
  const current = run.value;
  if (!current) return;
  const rows = pins.value.flatMap((pin) => {
    const reply = probes.value.get(pin.id);
    const units = current.fields.find(({ name }) => name === reply?.field)?.units;
    return (reply?.series.seconds ?? []).map((time, k) => [
      ...[pin.name, pin.longitude, pin.latitude, isoTime(current.start, time), time],
      ...[reply!.field, reply!.series.values[k], units],
    ]);
  });
  const names = ['place', 'longitude', 'latitude', 'time', 'seconds', 'field', 'value', 'units'];
  saveFile(`${current.name}-places.csv`, csv(names, rows));
}

/** Saves what was measured and computed at a station, side by side. */
export function saveStation(
  { name, start }: RunInfo,
  { id }: StationInfo,
  { model, observed }: StationReply['stations'][number],
): void {
  const rows = seriesRows([model, ...(observed ? [observed] : [])]).map(([time = 0, ...values]) => [
    ...[isoTime(start, time), time],
    ...values,
  ]);
  const names = ['time', 'seconds', 'computed [m]', ...(observed ? ['measured [m]'] : [])];
  saveFile(`${name}-${id}.csv`, csv(names, rows));
}
