import type { FieldInfo } from '../../workers/protocol/viewing.ts';
import { showsCluster } from '../cluster.ts';
import * as state from '../state.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import type { Bend } from './bend.ts';
import type { View } from './projection.ts';
import type { Look } from './scene.ts';
import { sunAt } from './sun.ts';

/** What the state does not know of a picture. */
export interface Shown {
  readonly view: View;
  readonly bend: Bend | undefined;
  readonly hasFrame: boolean;
  readonly towardsNext: number;
  /** The other run's frame that is ready, if any. */
  readonly other: DecodedFrame | undefined;
  readonly hasLand: boolean;
  /** Run whose flow the particles drift with. */
  readonly flow: string | undefined;
}

/** How a frame is to look now. */
export function lookOf({ view, bend, hasFrame, towardsNext, other, hasLand, flow }: Shown): Look {
  const [run, field, layers] = [state.run.value, state.field.value, state.layers.value];
  const { map, limits, logarithmic } = state.colouring.value;
  const hasOther = other !== undefined && other.run === state.otherRun.value?.id && other.field === field?.name;
  const time = run ? new Date(Date.parse(run.start) + 1000 * state.secondsShown.value) : undefined;
  return {
    view: bend ? { ...view, projection: bend.to } : view,
    bend,
    showField: layers.field && hasFrame && !showsCluster.value,
    shards: showsCluster.value,
    // An ocean of a scenario's own has none of Earth's land.
    coversLand: run !== undefined && (run.equations !== 'tsunami' || !hasLand),
    ...{ map, limits, logarithmic },
    contours: layers.contours && field ? contourStep(field, limits) : 0,
    towardsNext,
    comparison: (hasOther && state.compared.value) || 'none',
    swipe: state.comparison.value?.at ?? 0.5,
    coast: layers.coast,
    graticule: layers.graticule,
    plates: layers.plates,
    particles: layers.particles && !showsCluster.value && run !== undefined && flow === run.id,
    relief: layers.relief,
    exaggeration: state.exaggeration.value,
    sun: layers.daylight && time ? sunAt(time) : undefined,
    plane: run?.grid.kind === 'plane' ? [run.grid.cellsX, run.grid.cellsY] : undefined,
  };
}

/** Hours for arrivals, otherwise about ten round steps between the limits. */
function contourStep({ units }: FieldInfo, [low, high]: readonly [number, number]): number {
  if (units === 's') return 3600;
  const rough = (high - low) / 10;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= rough * 0.99) ?? rough;
}
