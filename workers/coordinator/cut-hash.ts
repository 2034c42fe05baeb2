import { createHash } from 'node:crypto';
import type { Cut, TileShape } from '../protocol/cluster.ts';

/**
 * State hash of a cut, as `stateHash` of the engine finds it: of each hashed field, each panel, row by row. Throws
 * CutMissing.
 */
export async function hashOfCut(
  { panels, cellsX, cellsY, tileX, tileY, width, hashed, others }: TileShape,
  { step, tiles }: Cut,
  bytesOf: (hash: string) => Promise<Uint8Array | undefined>,
): Promise<string> {
  const states: Uint8Array[] = [];
  for (const [tile, hash] of tiles.entries()) {
    const bytes = await bytesOf(hash);
    if (bytes?.length !== tileX * tileY * width * (hashed + others))
      throw new Error(
        `CutMissing: tile ${tile} of step ${step} (${hash}) is not in the store, or not whole. Look whether it was emptied.`,
      );
    states.push(bytes);
  }
  const digest = createHash('sha256');
  const [across, down] = [cellsX / tileX, cellsY / tileY];
  const row = tileX * width;
  for (let field = 0; field < hashed; field++)
    for (let panel = 0; panel < panels; panel++)
      for (let j = 0; j < cellsY; j++)
        for (let column = 0; column < across; column++) {
          const tile = (panel * down + Math.floor(j / tileY)) * across + column;
          const from = (field * tileY + (j % tileY)) * row;
          digest.update(states[tile]!.subarray(from, from + row));
        }
  return digest.digest('hex');
}
