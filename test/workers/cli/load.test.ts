import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadNamed } from '../../../workers/cli/load.ts';
import { tier } from '../../tiers.ts';

const home = mkdtempSync(join(tmpdir(), 'terrella-load-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('a scenario that is a directory, and one that is not there', async () => {
  mkdirSync(join(home, 'folder.yaml'));
  await expect(loadNamed(join(home, 'folder.yaml'))).rejects.toThrow(/folder\.yaml is no regular file but a directory/);
  await expect(loadNamed(join(home, 'gone.yaml'))).rejects.toThrow(/there is no file .*gone\.yaml\. Give/);
});

const makesFifo = () => spawnSync('mkfifo', [join(home, 'pipe.yaml')]).status === 0;
tier(
  'mkfifo',
  makesFifo,
  'apt-get install coreutils',
)('a scenario that is no file', () => {
  it('is a FIFO, or a device', async () => {
    await expect(loadNamed(join(home, 'pipe.yaml'))).rejects.toThrow(/pipe\.yaml is no regular file but a FIFO/);
    await expect(loadNamed('/dev/null')).rejects.toThrow('/dev/null is no regular file but a device');
  });
});

it('a bathymetry that is too large is named with its size and the limit', async () => {
  const [file, scenario] = [join(home, 'huge.nc'), join(home, 'huge.yaml')];
  writeFileSync(file, '');
  // Sparse: it takes no room.
  truncateSync(file, 2.5 * 2 ** 30);
  writeFileSync(
    scenario,
    `terrella: 1
name: huge
model: { equations: tsunami }
grid: { cells: 36, bathymetry: ./huge.nc }
time: { start: 2000-01-01T00:00:00Z, duration: 1 h }
`,
  );
  await expect(loadNamed(scenario)).rejects.toThrow(/InputTooLarge: .*more than 2 GiB.*huge\.nc \(2\.5 GiB\)\. /);
});
