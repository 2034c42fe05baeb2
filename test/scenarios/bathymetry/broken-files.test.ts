import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BathymetryError } from '../../../scenarios/bathymetry/errors.ts';
import { readElevation } from '../../../scenarios/bathymetry/read-elevation.ts';
import { fixture, sequence, temporaryFolder } from './temporary-files.ts';

const folder = temporaryFolder();
let files = 0;

/** Reads bytes as a file; anything but a grid or a BathymetryError fails the test. */
async function outcome(bytes: Uint8Array, ending = 'nc'): Promise<'grid' | BathymetryError> {
  try {
    await readElevation(folder.write(`broken-${files++ % 8}.${ending}`, bytes), { index: { time: 0 } });
    return 'grid';
  } catch (error) {
    if (error instanceof BathymetryError) return error;
    throw error;
  }
}

describe('a file that is not whole', () => {
  it.each(['plain-classic', 'plain-data64', 'packed-depth-classic', 'old-gmt'])(
    '%s cut after any word is a clear error',
    async (name) => {
      const whole = readFileSync(fixture(`${name}.nc`));
      for (let length = 0; length < whole.length - 3; length += 4) {
        const found = await outcome(whole.subarray(0, length));
        expect(found, `${length} of ${whole.length} bytes`).toBeInstanceOf(BathymetryError);
      }
    },
  );

  it.each(['plain-hdf5', 'packed-depth-hdf5'])('%s cut at any of many bytes is a clear error', async (name) => {
    const whole = readFileSync(fixture(`${name}.nc`));
    for (let length = 1; length < whole.length; length += 397) {
      expect(await outcome(whole.subarray(0, length)), `${length} bytes`).toBeInstanceOf(BathymetryError);
    }
  });

  it('a gzipped grid cut short is a clear error', async () => {
    const text = gzipSync('ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n');
    expect(await outcome(text, 'asc.gz')).toBe('grid');
    expect(await outcome(text.subarray(0, text.length - 9), 'asc.gz')).toMatchObject({ tag: 'TruncatedFile' });
  });

  it.each(['plain-classic', 'plain-data64', 'packed-depth-classic', 'old-gmt', 'plain-hdf5'])(
    '%s with damaged bytes is a grid or a clear error, never a crash',
    async (name) => {
      const whole = readFileSync(fixture(`${name}.nc`));
      const random = sequence(20110311);
      let errors = 0;
      for (let trial = 0; trial < 80; trial++) {
        const damaged = Uint8Array.from(whole);
        const hits = 1 + Math.floor(4 * random());
        for (let hit = 0; hit < hits; hit++) {
          damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
        }
        if ((await outcome(damaged)) !== 'grid') errors++;
      }
      expect(errors).toBeGreaterThan(10);
    },
  );

  it('a damaged chunk is noticed, with the variable and HDF5’s own reason', async () => {
    const damaged = readFileSync('scenarios/data/topo/etopo1-japan.nc');
    damaged.fill(0, 150_000, 152_000);
    const error = await outcome(damaged);
    expect(error).toMatchObject({ tag: 'CorruptFile', variable: 'z' });
    expect((error as BathymetryError).message).toContain('filter returned failure');
  });

  it('noise is a clear error', async () => {
    const random = sequence(1);
    for (const start of ['', 'CDF\x01', 'CDF\x02', 'CDF\x05', '\x89HDF\r\n\x1a\n', 'ncols 4\nnrows 4\n', '\x1f\x8b']) {
      for (let trial = 0; trial < 10; trial++) {
        const noise = Buffer.from(Uint8Array.from({ length: 2000 }, () => Math.floor(random() * 256)));
        noise.write(start, 0, 'latin1');
        expect(await outcome(noise), JSON.stringify(start)).toBeInstanceOf(BathymetryError);
      }
    }
  });

  it('the HDF5 reader still works after all of these', async () => {
    expect((await readElevation(fixture('plain-hdf5.nc'))).columns).toBe(6);
  });
});
