import { readFile } from 'node:fs/promises';
import { type BedStore, cachedAverage } from './bathymetry/cached-average.ts';
import { readElevation } from './bathymetry/read-elevation.ts';
import { sourceText } from './faults/read-source-file.ts';
import type { InputFiles } from './input-files.ts';

/** Input files on the disk; averaged beds are kept in `cache`, if there is one. */
export function nodeInputFiles(cache?: BedStore | undefined): InputFiles {
  return {
    read: readInputFile,
    text: async (file) => sourceText(await readInputFile(file)),
    elevation: (file, options) => readElevation(file, options),
    async averagedBed(grid, layers) {
      const files = layers.map(({ file, options }) => ({
        file,
        read: (sha256: string) => readElevation(file, options, sha256),
        key: options.variable ?? '',
      }));
      return (await cachedAverage(grid, files, cache)).panels;
    },
  };
}

/** Bytes of a file that a scenario names. Throws InputUnreadable: it may have gone since the scenario was loaded. */
async function readInputFile(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(
      `InputUnreadable: ${file} cannot be read (${cause.code}). Put it back, or name another file in the scenario.`,
      { cause },
    );
  });
}
