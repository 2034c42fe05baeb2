import { type FrameHeader, packFrame } from '../protocol/frame.ts';
import { encodeTile, quantise } from '../protocol/tile-codec.ts';
import { coarsen, type Panels } from './coarsen.ts';
import { type FrameTiling, tileCount } from './frame-tiling.ts';
import { ownTime } from './own-time.ts';

/** One moment of one field at one level. A tile is encoded when it is first wanted, and once however many want it. */
export interface Frame {
  readonly facts: Omit<FrameHeader, 'id' | 'tiles' | 'bytes'>;
  readonly tileCount: number;
  tile(index: number): Promise<Uint8Array>;
}

export interface FrameMoment {
  readonly run: string;
  readonly field: string;
  readonly step: number;
  readonly seconds: number;
}

/** A frame of a field's panels at full resolution. `spent` is told the milliseconds that encoding takes. */
export function makeFrame(
  moment: FrameMoment,
  panels: Panels,
  tiling: FrameTiling,
  spent: (milliseconds: number) => void = () => {},
): Frame {
  const captured = Date.now();
  const began = ownTime();
  const count = tileCount(tiling);
  // Let go once every tile is encoded.
  let values: Panels | undefined = coarsen(panels, tiling);
  const { low, high } = rangeOf(values);
  const { level, cellsX, cellsY, tileX, tileY } = tiling;
  const encoded = new Map<number, Promise<Uint8Array>>();
  let left = count;

  const encode = async (index: number): Promise<Uint8Array> => {
    const from = ownTime();
    const codes = new Uint16Array(tileX * tileY);
    const across = cellsX / tileX;
    const inPanel = index % (across * (cellsY / tileY));
    const panel = values![(index - inPanel) / (across * (cellsY / tileY))]!;
    const [i0, j0] = [(inPanel % across) * tileX, Math.floor(inPanel / across) * tileY];
    for (let j = 0; j < tileY; j++) {
      const row = (j0 + j) * cellsX + i0;
      quantise(panel.subarray(row, row + tileX), low, high, codes.subarray(j * tileX, (j + 1) * tileX));
    }
    if (--left === 0) values = undefined;
    const bytes = await encodeTile(codes, tileX);
    spent(ownTime() - from);
    return bytes;
  };
  spent(ownTime() - began);
  return {
    facts: { ...moment, captured, level, cellsX, cellsY, tileX, tileY, low, high },
    tileCount: count,
    tile(index) {
      let bytes = encoded.get(index);
      if (!bytes) {
        bytes = encode(index);
        encoded.set(index, bytes);
      }
      return bytes;
    },
  };
}

/** Least and largest finite value; 0 and 0 where there is none. */
export function rangeOf(panels: Panels): { readonly low: number; readonly high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const panel of panels) {
    for (let cell = 0; cell < panel.length; cell++) {
      const value = panel[cell]!;
      if (value < low && value !== Number.NEGATIVE_INFINITY) low = value;
      if (value > high && value !== Number.POSITIVE_INFINITY) high = value;
    }
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

// A page has no setImmediate.
const nextTurn = (): Promise<void> =>
  new Promise((turn) => {
    if (typeof setImmediate === 'function') setImmediate(turn);
    else setTimeout(turn);
  });

/** The bytes of a frame as a viewer gets it: the tiles wanted, each of them once, all unless told. Lets others have a turn between tiles. */
export async function packTiles(frame: Frame, id: number, wanted?: readonly number[]): Promise<Uint8Array> {
  const indices = wanted ?? Array.from({ length: frame.tileCount }, (_, index) => index);
  const tiles: Uint8Array[] = [];
  for (const index of indices) {
    await nextTurn();
    tiles.push(await frame.tile(index));
  }
  return packFrame({ ...frame.facts, id, tiles: indices, bytes: tiles.map(({ length }) => length) }, tiles);
}
