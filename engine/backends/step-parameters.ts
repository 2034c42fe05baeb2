import type { CpuRun } from './cpu/cpu-run.ts';

/** What a device is told of the steps ahead, and what becomes of the samples that it took: as on the processor. */

/** Value of a parameter in a stage of a step. */
export function parameterAt({ memory, setups }: CpuRun): (name: string, step: number, stage: number) => number {
  const { parameters, stageSteps, stages, times, timeStep } = setups[0]!;
  const names = times?.names ?? [];
  const rows = times
    ? new Float64Array(memory.buffer, times.series, times.capacity * stages.length * names.length)
    : undefined;
  return (name, step, stage) => {
    const column = names.indexOf(name);
    if (column >= 0) return rows![((step % times!.capacity) * stages.length + stage) * names.length + column]!;
    if (name === 'stageStep') return stageSteps[stage] ?? 0;
    if (name === 'endTime') return (step + 1) * timeStep;
    return parameters[name] ?? 0;
  };
}

/** Weighs the cells of samples as the processor does. */
export function keepSamples({ memory, setups }: CpuRun, step: number, values: Float32Array): void {
  const { points, width, weights, series, capacity } = setups[0]!.samples!;
  const row = new Float64Array(memory.buffer, series + (step % capacity) * points * 8, points);
  for (let point = 0; point < points; point++) {
    let sum = 0;
    for (let k = point * width; k < (point + 1) * width; k++) sum += weights[k]! * values[k]!;
    row[point] = sum;
  }
}
