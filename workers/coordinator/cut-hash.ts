import { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Cut } from '../protocol/cluster.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { fastStateHash } from '../store/state-hash.ts';

/** State hash of a cut: its tiles put together as one process would have them. Throws CutMissing. */
export async function hashOfCut(
  { options }: PreparedRun,
  { step, tiles }: Cut,
  bytesOf: (hash: string) => Promise<Uint8Array | undefined>,
): Promise<string> {
  const run = new CpuRun({ ...options, threads: 1, shared: false });
  const { fields } = options.model;
  const named = (...roles: readonly string[]) =>
    fields.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
  for (const [tile, hash] of tiles.entries()) {
    const bytes = await bytesOf(hash);
    if (!bytes)
      throw new Error(
        `CutMissing: tile ${tile} of step ${step} (${hash}) is not in the store. Look whether it was emptied.`,
      );
    run.writeTile(tile, named('prognostic', 'diagnostic'), bytes);
  }
  return fastStateHash(named('prognostic').map((name) => ({ name, panels: run.read(name) })));
}
