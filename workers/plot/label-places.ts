import type { Box } from './projections.ts';

/** Where a label's text starts, and its box. */
export interface LabelPlace {
  readonly x: number;
  /** Baseline. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly box: Box;
  /** Where a line from the point should end, for a label that stands off. */
  readonly leader?: readonly [number, number];
}

/** Room that is already taken on a page. */
export interface TakenRoom {
  /** Places a label beside a point; undefined where every place would cover something. */
  beside(x: number, y: number, width: number, size: number, gap: number): LabelPlace | undefined;
  take(box: Box): void;
  isFree(box: Box): boolean;
}

const directions = [
  { dx: 1, dy: 0, anchor: 'start' },
  { dx: -1, dy: 0, anchor: 'end' },
  { dx: 0, dy: -1, anchor: 'middle' },
  { dx: 0, dy: 1, anchor: 'middle' },
  { dx: 0.75, dy: -0.75, anchor: 'start' },
  { dx: 0.75, dy: 0.75, anchor: 'start' },
  { dx: -0.75, dy: -0.75, anchor: 'end' },
  { dx: -0.75, dy: 0.75, anchor: 'end' },
] as const;

/**
 * Greedy placement: right, left, above, below, then the corners, then the same standing off with a line to the point;
 * the first that covers nothing. `isInside` says whether a point belongs to the page that labels may use.
 */
export function takenRoom(isInside: (x: number, y: number) => boolean): TakenRoom {
  const boxes: Box[] = [];
  const isFree = ({ x, y, width, height }: Box): boolean =>
    [x, x + width].every((cornerX) => [y, y + height].every((cornerY) => isInside(cornerX, cornerY))) &&
    boxes.every((other) => !overlap({ x, y, width, height }, other));
  /** Whether a leader from a point, once it has left the point's own mark, crosses nothing. */
  const isClear = (x: number, y: number, [endX, endY]: readonly [number, number], gap: number): boolean => {
    const length = Math.hypot(endX - x, endY - y);
    for (let along = gap; along <= length; along += 2) {
      const probe = { x: x + ((endX - x) * along) / length, y: y + ((endY - y) * along) / length, width: 0, height: 0 };
      if (boxes.some((other) => overlap(probe, other))) return false;
    }
    return true;
  };
  return {
    isFree,
    take: (box) => void boxes.push(box),
    beside(x, y, width, size, gap) {
      for (const reach of [gap, 3 * gap, 5 * gap])
        for (const { dx, dy, anchor } of directions) {
          const anchorX = x + dx * reach;
          // Capitals are about 0.73 of the size tall: centre them on the line through the point.
          const middle = y + dy * (reach + (dx === 0 ? 0.45 * size : 0.3 * size));
          const baseline = middle + 0.36 * size;
          const left = anchor === 'start' ? anchorX : anchor === 'end' ? anchorX - width : anchorX - width / 2;
          const box = { x: left - 2, y: baseline - 0.85 * size, width: width + 4, height: 1.1 * size };
          if (!isFree(box)) continue;
          const leader = [anchorX - 2 * dx, dx === 0 ? middle - 0.5 * dy * size : middle] as const;
          if (reach > gap && !isClear(x, y, leader, gap)) continue;
          boxes.push(box);
          return { x: anchorX, y: baseline, anchor, box, ...(reach > gap ? { leader } : {}) };
        }
      return undefined;
    },
  };
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
