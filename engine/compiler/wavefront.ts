import { KernelError } from './kernel-error.ts';
import type { TileLayout } from './pipeline.ts';
import { type RangedStage, readsOf } from './plan.ts';

/** `later` must run at least `rows` rows behind `earlier` (its place in the list settles equal times). */
interface Lag {
  readonly earlier: number;
  readonly later: number;
  readonly rows: number;
}

/**
 * Delays of the stages: stage s works on row j at time j + delay. A transient's row exists before it is read; a field
 * is overwritten only after every stage that wants its old value has read it. Throws KernelError where a stage would
 * overwrite what it has still to read.
 */
export function orderRows(stages: readonly RangedStage[], layout: TileLayout): number[] {
  const lags: Lag[] = [];
  stages.forEach((stage, s) => {
    for (const read of readsOf(stage)) {
      stages.forEach((other, o) => {
        if (!other.outputs.some(({ field }) => field === read.name)) return;
        if (o < s) lags.push({ earlier: o, later: s, rows: read.dj });
        else if (o > s) lags.push({ earlier: s, later: o, rows: -read.dj });
        else checkInPlace(stage, read.name, read.di, read.dj);
      });
    }
    for (const { field } of stage.outputs)
      if (layout.fields.has(field))
        stages.forEach((other, o) => {
          if (o > s && other.outputs.some((output) => output.field === field))
            lags.push({ earlier: s, later: o, rows: 0 });
        });
  });
  const delays = stages.map(() => 0);
  stages.forEach((_, s) => {
    for (const { earlier, later, rows } of lags)
      if (later === s) delays[s] = Math.max(delays[s]!, delays[earlier]! + rows);
  });
  // A stage that reads no transient may run as late as its readers allow: fewer of its rows are then kept.
  for (let s = stages.length - 1; s >= 0; s--) {
    if (readsOf(stages[s]!).some(({ name }) => !layout.fields.has(name))) continue;
    const bounds = lags.filter(({ earlier }) => earlier === s).map(({ later, rows }) => delays[later]! - rows);
    if (bounds.length > 0) delays[s] = Math.max(delays[s]!, Math.min(...bounds));
  }
  return delays;
}

function checkInPlace(stage: RangedStage, field: string, di: number, dj: number): void {
  // Rows further on are still old; of its own row a stage has only the present cell.
  if (dj > 0 || (dj === 0 && di === 0)) return;
  throw new KernelError(
    'StageOrder',
    `kernel ${stage.name}: it writes ${field} and reads ${field}(${di}, ${dj}), which it has overwritten by then. ` +
      'Write to a transient, and copy that to the field in a later stage.',
  );
}
