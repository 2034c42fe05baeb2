import type { Finding } from './sanity.ts';
import type { Scenario } from './scenario.ts';

/** What a run is going to take. */
export interface Prediction {
  readonly cells: number;
  readonly timeStep: number;
  readonly steps: number;
  readonly memoryBytes: number;
  /** Without compression: what is written is less. */
  readonly outputBytes: number;
  readonly wallSeconds: number;
}

/** What there is; what is left out is not checked. */
export interface Machine {
  readonly freeMemoryBytes?: number;
  readonly freeDiskBytes?: number;
}

export interface CostFacts {
  /** The time step [s]. */
  readonly timeStep: number;
  /** Numbers that are kept for each cell, by the model's layout. */
  readonly numbersPerCell: number;
  /** Million cells that one thread takes through one stage in a second. */
  readonly millionCellStagesPerSecond: number;
  readonly threads: number;
  /** Share of the tile-steps that are computed: tiles at rest are skipped. */
  readonly busyShare?: number;
}

const STAGES = 4;
const BYTES_WRITTEN = 4;

export const cellsOf = ({ grid }: Scenario): number =>
  grid.kind === 'plane' ? grid.cellsX * grid.cellsY : 6 * grid.cells * grid.cells;

/** Memory, output and time of a run, before it starts. */
export function predictRun(scenario: Scenario, facts: CostFacts): Prediction {
  const { timeStep, numbersPerCell, millionCellStagesPerSecond, threads, busyShare = 1 } = facts;
  const { duration } = scenario.time;
  const cells = cellsOf(scenario);
  const steps = Math.ceil(duration / timeStep);
  const work = cells * steps * STAGES * busyShare;
  return {
    cells,
    timeStep,
    steps,
    memoryBytes: cells * numbersPerCell * (scenario.model.precision === 'float32' ? 4 : 8),
    outputBytes: predictOutput(scenario, cells),
    wallSeconds: work / (millionCellStagesPerSecond * 1e6 * threads),
  };
}

function predictOutput(scenario: Scenario, cells: number): number {
  const { output, time } = scenario;
  if (output.format === 'none') return 0;
  const spacing = output.latitudeLongitude;
  const regular =
    spacing === undefined || scenario.grid.kind === 'plane' ? 0 : Math.round(360 / spacing) * Math.round(180 / spacing);
  const frames = output.fields.reduce(
    (sum, { every }) => sum + (every === undefined ? 1 : Math.floor(time.duration / every) + 1),
    0,
  );
  return frames * (cells + regular) * BYTES_WRITTEN;
}

const LONG_RUN = 12 * 3600;

/** What is predicted against what there is. */
export function checkCost(prediction: Prediction, machine: Machine): readonly Finding[] {
  const { memoryBytes, outputBytes, wallSeconds, cells } = prediction;
  const { freeMemoryBytes, freeDiskBytes } = machine;
  const findings: Finding[] = [];
  if (freeDiskBytes !== undefined && outputBytes > freeDiskBytes) {
    const message = `the output takes up to ${bytes(outputBytes)}, and ${bytes(freeDiskBytes)} are free`;
    findings.push({
      severity: 'error',
      tag: 'OutputTooLarge',
      path: 'output.fields',
      message,
      cure: `write fields ${Math.ceil(outputBytes / freeDiskBytes)} times less often, drop some, or choose another --output`,
    });
  }
  if (freeMemoryBytes !== undefined && memoryBytes > freeMemoryBytes) {
    const message = `${cells} cells take ${bytes(memoryBytes)} of memory, and ${bytes(freeMemoryBytes)} are free`;
    const factor = Math.sqrt(freeMemoryBytes / memoryBytes);
    findings.push({
      severity: 'error',
      tag: 'OutOfMemory',
      path: 'grid.cells',
      message,
      cure: `write about ${Math.round(100 * factor)} % of the cells across, precision: float32, or run on more nodes`,
    });
  }
  if (wallSeconds > LONG_RUN) {
    const message = `the run will take about ${hours(wallSeconds)}`;
    findings.push({
      severity: 'warning',
      tag: 'LongRun',
      path: 'grid.cells',
      message,
      cure: 'halve the cells across for an eighth of the time, or run on more threads and nodes; checkpoints let it be resumed',
    });
  }
  return findings;
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = count;
  let index = 0;
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024;
    index++;
  }
  return `${index === 0 ? value : Number(value.toPrecision(3))} ${units[index]}`;
}

const hours = (seconds: number): string =>
  seconds > 2 * 86400
    ? `${Number((seconds / 86400).toPrecision(2))} days`
    : `${Number((seconds / 3600).toPrecision(2))} h`;
