import { type Judgement, judge } from '../../scenarios/metrics.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { RunResult } from '../run/run-scenario.ts';
import type { ScoredStation } from '../run/scores.ts';
import { table } from './terminal.ts';

/** The last line of `run --json`: a stable contract, see docs/command-line.md. */
export function finishedEvent(
  facts: {
    readonly scenario: Scenario;
    readonly identity: string;
    readonly backend: string;
    readonly threads: number;
    readonly nodes: number;
    readonly output: string;
  },
  result: RunResult,
): Record<string, unknown> {
  const { scenario, identity, backend, threads, nodes, output } = facts;
  return {
    event: 'finished',
    scenario: scenario.name,
    identity,
    ...(result.stateHash === undefined ? {} : { stateHash: result.stateHash, chain: result.chain }),
    precision: scenario.model.precision,
    class: result.class,
    backend,
    threads,
    nodes,
    steps: result.steps,
    simulatedSeconds: result.simulatedSeconds,
    wallSeconds: result.wallSeconds,
    startSeconds: result.startSeconds,
    realTimeFactor: result.realTimeFactor,
    peakMemoryMiB: result.peakMemoryMiB,
    massRelativeDrift: result.massRelativeDrift,
    maximumAmplitude: result.maximumAmplitude,
    maximumSpeed: result.maximumSpeed,
    ...(result.energyRelativeDrift === undefined ? {} : { energyRelativeDrift: result.energyRelativeDrift }),
    ...(result.enstrophyRelativeDrift === undefined ? {} : { enstrophyRelativeDrift: result.enstrophyRelativeDrift }),
    ...(result.error ? { error: result.error } : {}),
    tileStepsAtRest: result.atRest,
    output,
    stations: result.stations.map(({ id, arrivalSeconds, firstPeak, rms, correlation }) => ({
      id,
      arrivalSeconds,
      firstPeak,
      rms,
      correlation,
    })),
    expect: judgements(scenario, result),
  };
}

/** What vouches for a result's bits, or why nothing does. */
export const hashLine = ({ class: kind, stateHash }: RunResult): string =>
  kind === 'bitwise'
    ? `state hash ${stateHash}`
    : 'class tolerance: the bits are a graphics device’s own, so there is no state hash';

/** What a run came to, in a line or two for people. */
export function figureLines({ model }: Scenario, result: RunResult): readonly string[] {
  const { maximumAmplitude, maximumSpeed, massRelativeDrift, energyRelativeDrift, enstrophyRelativeDrift, error } =
    result;
  const mass = massRelativeDrift.toExponential(1);
  if (model.equations === 'tsunami')
    return [
      `largest amplitude ${maximumAmplitude.toPrecision(4)} m, fastest water ${maximumSpeed.toPrecision(4)} m/s, mass ${mass} of the displaced volume`,
    ];
  const norms = error
    ? [`error: l1 ${error.l1.toExponential(2)}, l2 ${error.l2.toExponential(2)}, l∞ ${error.linf.toExponential(2)}`]
    : [];
  if (model.equations === 'transport')
    return [`fastest wind ${maximumSpeed.toPrecision(4)} m/s, mass of the air ${mass}`, ...norms];
  return [
    `surface changed by ${maximumAmplitude.toPrecision(4)} m at most, fastest wind ${maximumSpeed.toPrecision(4)} m/s, mass ${mass}, energy ${energyRelativeDrift!.toExponential(1)}, potential enstrophy ${enstrophyRelativeDrift!.toExponential(1)}`,
    ...norms,
  ];
}

const sizeOf = (value: number | undefined) => (value === undefined ? undefined : Math.abs(value));

/** Whether the scenario's `expect` block holds. */
export function judgements(scenario: Scenario, result: RunResult): readonly Judgement[] {
  return judge(scenario, (metric) => {
    if (metric === 'mass.relativeDrift') return Math.abs(result.massRelativeDrift);
    if (metric === 'energy.relativeDrift') return sizeOf(result.energyRelativeDrift);
    if (metric === 'enstrophy.relativeDrift') return sizeOf(result.enstrophyRelativeDrift);
    if (metric === 'error.l1') return result.error?.l1;
    if (metric === 'error.l2') return result.error?.l2;
    if (metric === 'error.linf') return result.error?.linf;
    if (metric === 'maximumAmplitude') return result.maximumAmplitude;
    if (metric === 'maximumSpeed') return result.maximumSpeed;
    const [, id, figure] = /^stations\.(.+)\.([^.]+)$/.exec(metric) ?? [];
    const station = result.stations.find((one) => one.id === id);
    const value =
      figure === 'firstPeak'
        ? station?.firstPeak.model
        : figure === 'arrivalSeconds'
          ? station?.arrivalSeconds.model
          : station?.correlation;
    return value ?? undefined;
  });
}

const metres = (value: number | null) => (value === null ? '–' : `${value.toFixed(2)} m`);
const minutes = (value: number | null) => (value === null ? '–' : `${(value / 60).toFixed(1)} min`);

/** Model against observation at every gauge. */
export function stationTable(stations: readonly ScoredStation[]): string {
  return table([
    ['gauge', 'arrival', 'observed', 'first peak', 'observed', 'at', 'observed', 'rms', 'correlation'],
    ...stations.map(({ id, arrivalSeconds: arrival, firstPeak: peak, rms, correlation }) => [
      id,
      minutes(arrival.model),
      minutes(arrival.observed),
      metres(peak.model),
      metres(peak.observed),
      minutes(peak.modelSeconds),
      minutes(peak.observedSeconds),
      metres(rms),
      correlation === null ? '–' : correlation.toFixed(2),
    ]),
  ]);
}
