import type { Accessor } from './kernel.ts';

/** What a cell's faces carry, times their lengths, and the normals of their grid lines. */
export const FACE_FLUXES = [
  'massX',
  'xX',
  'yX',
  'zX',
  'pressureLeftX',
  'pressureRightX',
  'xNormalX',
  'xNormalY',
  'xNormalZ',
  'massY',
  'xY',
  'yY',
  'zY',
  'pressureLeftY',
  'pressureRightY',
  'yNormalX',
  'yNormalY',
  'yNormalZ',
] as const;

type FaceFluxes = Readonly<Record<(typeof FACE_FLUXES)[number], Accessor>>;

/** Mass [m³/s] and momentum, a Cartesian vector [m⁴/s²], that leave a cell: Σ Lₑ Fₑ and Σ Lₑ (Fₑ u + (p* − p_ie) nₑ). */
export function netOutflow(f: FaceFluxes): {
  readonly mass: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
} {
  // The pressure on a face acts on the cell before it as that cell sees it, and so behind.
  const west = f.pressureRightX(0, 0);
  const east = f.pressureLeftX(1, 0);
  const south = f.pressureRightY(0, 0);
  const north = f.pressureLeftY(0, 1);
  return {
    mass: f.massX(1, 0) - f.massX(0, 0) + (f.massY(0, 1) - f.massY(0, 0)),
    x:
      f.xX(1, 0) -
      f.xX(0, 0) +
      (f.xY(0, 1) - f.xY(0, 0)) +
      (f.xNormalX(1, 0) * east - f.xNormalX(0, 0) * west) +
      (f.yNormalX(0, 1) * north - f.yNormalX(0, 0) * south),
    y:
      f.yX(1, 0) -
      f.yX(0, 0) +
      (f.yY(0, 1) - f.yY(0, 0)) +
      (f.xNormalY(1, 0) * east - f.xNormalY(0, 0) * west) +
      (f.yNormalY(0, 1) * north - f.yNormalY(0, 0) * south),
    z:
      f.zX(1, 0) -
      f.zX(0, 0) +
      (f.zY(0, 1) - f.zY(0, 0)) +
      (f.xNormalZ(1, 0) * east - f.xNormalZ(0, 0) * west) +
      (f.yNormalZ(0, 1) * north - f.yNormalZ(0, 0) * south),
  };
}
