import type { FieldShape, Stage } from '../compiler/pipeline.ts';
import type { Side } from '../grid/grid.ts';

/** `corner` is a cell's south-west corner, so that element (i, j) lies on the corner between cells i − 1, i, j − 1 and j. */
export type FieldPlace = 'cell' | 'west-face' | 'south-face' | 'corner';

/** One variable of a model; storage, halos, output and legend follow from it. */
export interface FieldSpec {
  readonly name: string;
  readonly longName: string;
  /** CF standard name, where the convention has one. */
  readonly standardName?: string;
  readonly units: string;
  /**
   * prognostic: stepped in time; static: given before the run; diagnostic: written by the model's `finish` stages;
   * derived: written by its `derive` stages in every stage of the time stepper, and then exchanged between tiles.
   */
  readonly role: 'prognostic' | 'static' | 'diagnostic' | 'derived';
  readonly shape?: FieldShape;
  /** Where a static field has its values; in cells unless told. Elsewhere they are one more along a row, a column or both. */
  readonly at?: FieldPlace;
  /** Value at the start where nobody sets another; 0 unless told. */
  readonly initial?: number;
  /** Component of a vector that a wall normal to x (y) reverses. */
  readonly reversedBy?: 'wall-x' | 'wall-y';
  /** How the field steps, when not by value = start + Δt · rate. */
  readonly advance?: Advance;
}

/** Which of the time stepper's three combinations a kernel is to form. */
export type StagePlace = 'first' | 'middle' | 'last';

/** A field's own stepping: stages that read `NAME.start`, `NAME.rate`, `NAME.sum` and write `NAME.sum` and `NAME.value`. */
export type Advance = (place: StagePlace, weight: number) => readonly Stage[];

/** Fluxes through panel edges, computed in strips one face long and five cells deep on either side (dj = −2 … 2). */
export interface EdgeModel {
  /** Faces beyond either end of a tile's side that its own faces look at; none unless told. */
  readonly reach?: number;
  /** Ghosts of either panel beyond the face; 2 unless told, and 3 at most. */
  readonly beyond?: number;
  /** Lines of cells to gather: strip field ← field of the tiles, on the tile's own side or its partner's. */
  readonly lines: readonly { readonly field: string; readonly from: string; readonly side: 'own' | 'partner' }[];
  readonly stages: readonly Stage[];
  /** What the stages leave in the strip. */
  readonly results: readonly string[];
  /** Which transient of the model's tendency takes which result on a side. */
  readonly overrides: readonly { readonly transient: string; readonly sides: readonly Side[]; readonly from: string }[];
}

/**
 * Equations of motion as data. Stages name fields as the model does; beside a prognostic NAME they may use
 * `NAME.start` (its value at the start of the step), and must leave `NAME.rate`. Stages of `finish` run once a step,
 * read `NAME.next` and write NAME; without one the time stepper copies it.
 */
export interface Model {
  readonly name: string;
  readonly title: string;
  readonly fields: readonly FieldSpec[];
  readonly tendency: readonly Stage[];
  /**
   * Writes the derived fields from prognostics at most two cells away, and statics, beyond panel edges carried on from
   * within. With it the ghosts of derived fields are filled in every stage, and those of prognostics but for this.
   */
  readonly derive?: readonly Stage[];
  /** Cells that carry a field on beyond a panel's edge for `derive`; 6 unless told. Fewer amplify less of what is rough. */
  readonly marginPoints?: number;
  /** Without it each panel computes the flux through its edge from its own ghosts: accurate, but not conservative. */
  readonly edge?: EdgeModel;
  readonly finish?: readonly Stage[];
  /**
   * A transient of `finish`, as in `engine/kernels/activity`: AT_REST, MOVING or FAILED. Without it no tile is skipped
   * and no failure noticed; none is skipped either where parameters change in time.
   */
  readonly activity?: string;
  /** Constants of the run by parameter name; the time stepper adds its own (`stageStep`, `finalStep`, `endTime`). */
  readonly parameters: Readonly<Record<string, number>>;
  /** Parameters that follow from Δt [s] and the narrowest cell [m]. */
  readonly stepParameters?: (timeStep: number, narrowest: number) => Readonly<Record<string, number>>;
  /** Parameters that change in time, for every stage of every step by its own time [s]: the same names at all times. */
  readonly parametersAt?: (seconds: number) => Readonly<Record<string, number>>;
  /** Fastest signal in a cell [m/s], for the Courant number; fields by name. */
  readonly signalSpeed: (value: (field: string) => number) => number;
  /** Static fields that a prognostic never lies below: a source takes no more water than there is. */
  readonly floors?: Readonly<Record<string, string>>;
  /** Value of a prognostic at rest, from the static fields: what cells start from where nobody says otherwise. */
  readonly rest?: Readonly<Record<string, (value: (field: string) => number) => number>>;
  /**
   * A prognostic whose integral over the globe is conserved. `counts` tells from its value and those of the fields that
   * it `needs` whether a cell's change displaces anything.
   */
  readonly conserved?: {
    readonly field: string;
    readonly needs: readonly string[];
    readonly counts: (value: number, ...others: number[]) => boolean;
  };
  readonly references: readonly string[];
}

/** Static fields of a grid's coordinates, which schemes of fourth order list among their fields. */
export const COORDINATE_FIELDS: readonly FieldSpec[] = [
  { name: 'centreX', longName: 'centre of the cell, x component', units: '1', role: 'static' },
  { name: 'centreY', longName: 'centre of the cell, y component', units: '1', role: 'static' },
  { name: 'centreZ', longName: 'centre of the cell, z component', units: '1', role: 'static' },
  { name: 'stretchX', longName: 'relative growth of cell area along a row', units: '1', role: 'static' },
  { name: 'stretchY', longName: 'relative growth of cell area across rows', units: '1', role: 'static' },
  {
    name: 'faceStretchX',
    longName: 'relative growth of length along west faces',
    units: '1',
    role: 'static',
    at: 'west-face',
  },
  {
    name: 'faceStretchY',
    longName: 'relative growth of length along south faces',
    units: '1',
    role: 'static',
    at: 'south-face',
  },
];

/** Static fields that every grid supplies; a model lists those it uses among its fields. */
export const GRID_FIELDS: readonly FieldSpec[] = [
  { name: 'inverseArea', longName: 'inverse cell area', units: 'm-2', role: 'static' },
  { name: 'lengthX', longName: 'length of the west face', units: 'm', role: 'static', at: 'west-face' },
  { name: 'lengthY', longName: 'length of the south face', units: 'm', role: 'static', at: 'south-face' },
  { name: 'upX', longName: 'up, x component', units: '1', role: 'static' },
  { name: 'upY', longName: 'up, y component', units: '1', role: 'static' },
  { name: 'upZ', longName: 'up, z component', units: '1', role: 'static' },
  ...(['X', 'Y', 'Z'] as const).flatMap((axis): FieldSpec[] => [
    { name: `normal${axis}ofX`, longName: `west face normal, ${axis}`, units: '1', role: 'static', shape: 'column' },
    { name: `normal${axis}ofY`, longName: `south face normal, ${axis}`, units: '1', role: 'static', shape: 'row' },
  ]),
];

/** Where a kernel that sums over a cell's faces finds the normals of their grid lines. */
export const FACE_NORMALS = {
  xNormalX: 'normalXofX',
  xNormalY: 'normalYofX',
  xNormalZ: 'normalZofX',
  yNormalX: 'normalXofY',
  yNormalY: 'normalYofY',
  yNormalZ: 'normalZofY',
} as const;
