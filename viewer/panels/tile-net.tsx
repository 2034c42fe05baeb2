import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RunInfo } from '../../workers/protocol/viewing.ts';

/** Columns and rows of the unfolded cube: four sides round the equator, the poles above and below the first. */
const NET: readonly (readonly [column: number, row: number])[] = [
  [0, 1],
  [1, 1],
  [2, 1],
  [3, 1],
  [0, 0],
  [0, 2],
];
const BUSY = '#6fb7ff';
const AT_REST = '#22304a';

/** The globe as an unfolded cube, a square for each tile: bright where the last step computed, dark where all was still. */
export function TileNet({ grid, tiles }: { grid: RunInfo['grid']; tiles: Uint8Array }): JSX.Element {
  const place = useRef<HTMLCanvasElement>(null);
  const [across, up] = [grid.cellsX / grid.tileX, grid.cellsY / grid.tileY];
  const [columns, rows] = grid.panels === 6 ? [4, 3] : [1, 1];
  useEffect(() => {
    const canvas = place.current;
    const pen = canvas?.getContext('2d');
    if (!canvas || !pen) return;
    const ratio = Math.min(2, devicePixelRatio);
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    const [width, height] = [canvas.width / columns, canvas.height / rows];
    const gap = across > 16 ? 0 : ratio;
    for (let tile = 0; tile < tiles.length; tile++) {
      const panel = Math.floor(tile / (across * up));
      const within = tile % (across * up);
      const [column, row] = grid.panels === 6 ? NET[panel]! : [0, 0];
      const [i, j] = [within % across, Math.floor(within / across)];
      pen.fillStyle = tiles[tile] ? BUSY : AT_REST;
      // North is up, and rows of tiles count from the south.
      const x = column * width + ratio + (i * (width - 2 * ratio)) / across;
      const y = row * height + ratio + ((up - 1 - j) * (height - 2 * ratio)) / up;
      pen.fillRect(x, y, (width - 2 * ratio) / across - gap, (height - 2 * ratio) / up - gap);
    }
  }, [grid, tiles, across, up, columns, rows]);
  const busy = tiles.reduce((sum, tile) => sum + tile, 0);
  return (
    <canvas
      class="tile-net"
      ref={place}
      role="img"
      aria-label={`Unfolded globe: ${busy} of ${tiles.length} tiles are being computed, the others are at rest`}
      style={{ aspectRatio: `${columns * across * grid.tileX} / ${rows * up * grid.tileY}` }}
    />
  );
}
