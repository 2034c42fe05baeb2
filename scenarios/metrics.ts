import { nearest } from './problems.ts';
import type { Expectation, Scenario } from './scenario.ts';
import { type Dimension, formatQuantity } from './units.ts';

/** Figures of a whole run that a scenario may set bounds for. */
export const RUN_METRICS: Readonly<Record<string, Dimension>> = {
  'mass.relativeDrift': 'none',
  'energy.relativeDrift': 'none',
  'enstrophy.relativeDrift': 'none',
  'error.l1': 'none',
  'error.l2': 'none',
  'error.linf': 'none',
  maximumAmplitude: 'length',
  maximumSpeed: 'speed',
};

/** Figures of one station, written `stations.<name>.<figure>`. */
export const STATION_METRICS: Readonly<Record<string, Dimension>> = {
  firstPeak: 'length',
  arrivalSeconds: 'time',
  correlation: 'none',
};

/** What a metric's name means: its dimension and, if any, its station; or why it means nothing. */
export type Metric =
  | { readonly ok: true; readonly dimension: Dimension; readonly station?: string; readonly figure: string }
  | { readonly ok: false; readonly message: string; readonly cure: string };

export function parseMetric(name: string): Metric {
  const run = Object.hasOwn(RUN_METRICS, name) ? RUN_METRICS[name] : undefined;
  if (run) return { ok: true, dimension: run, figure: name };
  if (/^state-?hash$/i.test(name)) {
    const cure = 'expect figures, as mass.relativeDrift; two runs are compared bit for bit with "terrella compare"';
    return { ok: false, message: 'a state hash is no expectation: every change of the engine changes it', cure };
  }
  const names = [
    ...Object.keys(RUN_METRICS),
    ...Object.keys(STATION_METRICS).map((figure) => `stations.NAME.${figure}`),
  ];
  const match = /^stations\.(.+)\.([^.]+)$/.exec(name);
  if (!match) {
    const near = nearest(name, names) ?? names[0]!;
    return {
      ok: false,
      message: `the metric "${name}" is not known`,
      cure: `write ${near}; known are ${names.join(', ')}`,
    };
  }
  const [, station, figure] = match as unknown as [string, string, string];
  const dimension = Object.hasOwn(STATION_METRICS, figure) ? STATION_METRICS[figure] : undefined;
  if (dimension) return { ok: true, dimension, station, figure };
  const near = nearest(figure, Object.keys(STATION_METRICS)) ?? 'firstPeak';
  const cure = `write stations.${station}.${near}; known are ${Object.keys(STATION_METRICS).join(', ')}`;
  return { ok: false, message: `stations have no figure "${figure}"`, cure };
}

export interface Judgement {
  readonly metric: string;
  /** Undefined where the run gave no such figure: that is a failure too. */
  readonly value: number | undefined;
  readonly pass: boolean;
  /** "maximumSpeed = 0.3 m/s, expected below 0.1 m/s". */
  readonly text: string;
}

/** Holds a run's figures against what the scenario expects. `figure` gives a metric's value in SI, if the run has it. */
export function judge(scenario: Scenario, figure: (metric: string) => number | undefined): readonly Judgement[] {
  return scenario.expect.map((expectation) => {
    const { metric } = expectation;
    const value = figure(metric);
    const parsed = parseMetric(metric);
    const dimension = parsed.ok ? parsed.dimension : 'none';
    const found = value === undefined ? 'not in the result' : formatQuantity(value, dimension);
    const text = `${metric} = ${found}, expected ${wanted(expectation, dimension)}`;
    return { metric, value, pass: value !== undefined && meets(expectation, value), text };
  });
}

export function meets(expectation: Expectation, value: number): boolean {
  switch (expectation.kind) {
    case 'below':
      return value < expectation.value;
    case 'above':
      return value > expectation.value;
    case 'equals':
      return value === expectation.value;
    case 'between':
      return value >= expectation.low && value <= expectation.high;
  }
}

function wanted(expectation: Expectation, dimension: Dimension): string {
  if (expectation.kind !== 'between') {
    const bound = formatQuantity(expectation.value, dimension);
    return expectation.kind === 'equals' ? `exactly ${bound}` : `${expectation.kind} ${bound}`;
  }
  return `${formatQuantity(expectation.low, dimension)} to ${formatQuantity(expectation.high, dimension)}`;
}
