import type { Stage } from '../compiler/pipeline.ts';
import type { Grid, Side } from '../grid/grid.ts';
import { openX, openY } from '../kernels/open-side.ts';
import type { FieldSpec, Model } from './model.ts';

/** Height [m] above the sea level of the wave that comes in, by its time [s]. */
export type IncidentWave = (seconds: number) => number;

export const SIDES: readonly Side[] = ['west', 'east', 'south', 'north'];

const PARAMETER = {
  west: 'incidentWest',
  east: 'incidentEast',
  south: 'incidentSouth',
  north: 'incidentNorth',
} as const;

const FIELDS: readonly FieldSpec[] = [
  { name: 'openX', longName: 'inward direction at open west faces', units: '1', role: 'static', at: 'west-face' },
  { name: 'openY', longName: 'inward direction at open south faces', units: '1', role: 'static', at: 'south-face' },
];

const FLUXES = ['mass', 'x', 'y', 'z', 'pressureLeft', 'pressureRight'] as const;
const within = (axis: 'X' | 'Y') => Object.fromEntries(FLUXES.map((flux) => [flux, `${flux}${axis}.within`]));

/** The stage, and after it the one that puts the fluxes of open sides in place of some of its own. */
function opened(stage: Stage): readonly Stage[] {
  const axis = stage.kernel.name === 'fluxX' ? 'X' : stage.kernel.name === 'fluxY' ? 'Y' : undefined;
  if (axis === undefined) return [stage];
  const inner = within(axis);
  return [
    { kernel: stage.kernel, bind: { ...stage.bind, ...inner } },
    {
      kernel: axis === 'X' ? openX : openY,
      bind: {
        ...stage.bind,
        open: `open${axis}`,
        ...Object.fromEntries(FLUXES.map((flux) => [`${flux}Within`, inner[flux]!])),
      },
    },
  ];
}

/**
 * The tsunami model on a plane with open sides. On each the wave that is given comes in, still water where none is, and
 * what comes from within leaves. Its water is not all there at the start, so the drift of its mass is what came in.
 */
export function withOpenSides(model: Model, waves: Partial<Record<Side, IncidentWave>> = {}): Model {
  return {
    ...model,
    title: `${model.title}; open sides`,
    references: [...model.references, 'Blayo & Debreu (2005)'],
    fields: [...model.fields, ...FIELDS],
    tendency: model.tendency.flatMap(opened),
    parametersAt: (seconds) => ({
      ...model.parametersAt?.(seconds),
      ...Object.fromEntries(SIDES.map((side) => [PARAMETER[side], waves[side]?.(seconds) ?? 0])),
    }),
  };
}

/** The static fields that mark open sides: 1 where inwards is along the axis, −1 where against, 0 within. */
export function openSideFields(grid: Grid, sides: readonly Side[]): Record<'openX' | 'openY', Float64Array[]> {
  const { cellsX, cellsY } = grid;
  const acrossX = new Float64Array((cellsX + 1) * cellsY);
  const acrossY = new Float64Array(cellsX * (cellsY + 1));
  for (let j = 0; j < cellsY; j++) {
    if (sides.includes('west')) acrossX[j * (cellsX + 1)] = 1;
    if (sides.includes('east')) acrossX[j * (cellsX + 1) + cellsX] = -1;
  }
  for (let i = 0; i < cellsX; i++) {
    if (sides.includes('south')) acrossY[i] = 1;
    if (sides.includes('north')) acrossY[cellsY * cellsX + i] = -1;
  }
  return { openX: [acrossX], openY: [acrossY] };
}
