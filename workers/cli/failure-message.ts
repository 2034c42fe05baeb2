import type { Failure } from '../../engine/simulation/failure.ts';
import type { PreparedRun } from '../run/prepare.ts';

/** What went wrong, where, and what to try. */
export function failureMessage(
  failure: Failure,
  { courant: runCourant, scenario }: PreparedRun,
  lastCheckpoint: number | undefined,
): string {
  const { tile, panel, i, j, longitude, latitude, values, signalSpeed, courant, step, seconds } = failure;
  const plane = scenario.grid.kind === 'plane';
  const place = plane
    ? `x ${longitude.toPrecision(6)} m, y ${latitude.toPrecision(6)} m`
    : `longitude ${longitude.toFixed(3)}°, latitude ${latitude.toFixed(3)}°`;
  const depth = values.surface! - values.bed!;
  const speed =
    Math.sqrt(values.momentumX! ** 2 + values.momentumY! ** 2 + values.momentumZ! ** 2) / Math.max(depth, 1e-3);
  return (
    `the state of tile ${tile} is no longer a number, or beyond all bounds, after step ${step} (${(seconds / 60).toFixed(1)} min): ` +
    `panel ${panel}, cell i ${i} j ${j}, ${place}; surface ${values.surface} m, depth ${depth.toPrecision(4)} m, ` +
    `speed ${speed.toPrecision(3)} m/s, fastest signal ${signalSpeed.toPrecision(4)} m/s, local Courant number ${courant.toPrecision(3)}. ` +
    `${lastCheckpoint === undefined ? 'No checkpoint had been written yet.' : `The last good checkpoint, of step ${lastCheckpoint}, is intact.`} ` +
    `Try a shorter step: --set time.courant=${Math.min(1.4, 0.7 * runCourant).toPrecision(2)}, and look at the source and the bed there.`
  );
}
