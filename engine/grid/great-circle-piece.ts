import { atan2 } from '../math/index.ts';

/** An angle [radians] with its sine and cosine, computed once. */
export interface Angle {
  readonly angle: number;
  readonly sine: number;
  readonly cosine: number;
}

/**
 * A piece of the great circle tan φ = (p/q) cos ψ, over angles ψ of longitude counted from its highest point, between
 * a start and an end on one side of ψ = 0, where it is monotone. Heights are areas on the unit sphere for each radian
 * of longitude: sin φ counted from the equator, or 1 − sin φ counted from the pole, where sin φ would lose its digits.
 */
export interface Piece {
  readonly origin: 'equator' | 'pole';
  p: number;
  q: number;
  start: Angle;
  end: Angle;
  startHeight: number;
  endHeight: number;
  /** ∫ height dψ over the piece. */
  integral: number;
}

const NO_ANGLE: Angle = { angle: 0, sine: 0, cosine: 1 };

export const emptyPiece = (origin: 'equator' | 'pole'): Piece => ({
  origin,
  p: 0,
  q: 1,
  start: NO_ANGLE,
  end: NO_ANGLE,
  startHeight: 0,
  endHeight: 0,
  integral: 0,
});

/** atan(y / x) for x > 0; a series where the ratio is so small that it is exact to the last bits. */
function arctangent(y: number, x: number): number {
  const t = y / x;
  const t2 = t * t;
  return t2 < 1 / 16384 ? t * (1 - t2 * (1 / 3 - t2 * (1 / 5 - t2 * (1 / 7)))) : atan2(y, x);
}

const rootAt = (p: number, q: number, cosine: number): number => Math.sqrt(q * q + p * p * (cosine * cosine));

/** sin φ = p cos ψ / √(q² + p² cos² ψ), or one minus it. */
function heightAt(piece: Piece, cosine: number): number {
  const { p, q } = piece;
  const root = rootAt(p, q, cosine);
  if (piece.origin === 'equator') return (p * cosine) / root;
  return q === 0 ? 0 : (q * q) / (root * (root + p * cosine));
}

/** ψ − asin(κ sin ψ), a primitive of 1 − sin φ; κ = p / √(p² + q²). */
function excess(p: number, q: number, sine: number, cosine: number): number {
  const root = rootAt(p, q, cosine);
  return arctangent((sine * (q * q)) / (root + p * cosine), cosine * root + p * (sine * sine));
}

/** ∫ height dψ from one angle to another. */
function integralBetween(piece: Piece, sine0: number, cosine0: number, sine1: number, cosine1: number): number {
  const { p, q } = piece;
  if (piece.origin === 'pole') return q === 0 ? 0 : excess(p, q, sine1, cosine1) - excess(p, q, sine0, cosine0);
  // asin b − asin a = 2 atan((b − a) / (√(1−a²) + √(1−b²))), with a = κ sin ψ.
  return 2 * arctangent(p * (sine1 - sine0), rootAt(p, q, cosine0) + rootAt(p, q, cosine1));
}

/** Puts a piece on the great circle (p, q) from one angle to another. */
export function placePiece(piece: Piece, p: number, q: number, start: Angle, end: Angle): void {
  piece.p = p;
  piece.q = q;
  piece.start = start;
  piece.end = end;
  piece.startHeight = heightAt(piece, start.cosine);
  piece.endHeight = heightAt(piece, end.cosine);
  piece.integral = integralBetween(piece, start.sine, start.cosine, end.sine, end.cosine);
}

/** ∫ min(height, limit) dψ over a piece, the limit being that of a parallel with this tangent of latitude. */
export function integralBelow(piece: Piece, limit: number, tangent: number): number {
  const { start, end, startHeight, endHeight, p, q } = piece;
  const rising = startHeight < endHeight;
  if (limit >= (rising ? endHeight : startHeight)) return piece.integral;
  if (limit <= (rising ? startHeight : endHeight)) return limit * (end.angle - start.angle);
  const cosine = Math.min(1, (tangent * q) / p);
  const side = start.angle + end.angle < 0 ? -1 : 1;
  const sine = side * Math.sqrt((1 - cosine) * (1 + cosine));
  const crossing = Math.max(start.angle, Math.min(end.angle, atan2(sine, cosine)));
  return rising
    ? integralBetween(piece, start.sine, start.cosine, sine, cosine) + limit * (end.angle - crossing)
    : integralBetween(piece, sine, cosine, end.sine, end.cosine) + limit * (crossing - start.angle);
}
