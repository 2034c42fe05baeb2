import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a disk in memory, with the options of mount; false where that is not allowed. */
export const mountDisk = (at: string, options: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at], { stdio: 'ignore' }).status === 0;

export function canMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'terrella-mount-'));
  const mounted = mountDisk(at, 'size=64k');
  if (mounted) spawnSync('umount', [at]);
  rmSync(at, { recursive: true, force: true });
  return mounted;
}
