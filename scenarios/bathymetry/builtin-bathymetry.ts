import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BathymetryError } from './errors.ts';

/** Elevations that come with the program. */
export interface BuiltinBathymetry {
  readonly title: string;
  /** In `scenarios/data/topo/`. */
  readonly file: string;
  readonly sha256: string;
  /** Spacing [arc-minutes] and area, for lists. */
  readonly spacing: number;
  readonly area: 'global' | string;
  readonly licence: string;
  readonly citation: string;
}

export const BUILTIN_BATHYMETRY: Readonly<Record<string, BuiltinBathymetry>> = {
  etopo5: {
    title: 'ETOPO5 global relief, 5′',
    file: 'etopo5.nc',
    sha256: 'f3492a3d52e2bcfb9ebee5b99b5a8af4844969f5f4c9556fa5e1796cc8631498',
    spacing: 5,
    area: 'global',
    licence: 'public domain',
    citation:
      'NOAA National Geophysical Data Center (1988). Data Announcement 88-MGG-02, Digital relief of the surface of the Earth.',
  },
  'etopo1-japan': {
    title: 'ETOPO1 relief of north-eastern Japan, 1′',
    file: 'etopo1-japan.nc',
    sha256: '3fd84b2aa1bfa8c6c6f93c4199b0844bd7a54ab308ff6d579d529d7a7630d941',
    spacing: 1,
    area: '139–147° E, 34–41° N',
    licence: 'public domain',
    citation:
      'Amante, C. & Eakins, B. W. (2009). ETOPO1 1 Arc-Minute Global Relief Model. NOAA Technical Memorandum NESDIS NGDC-24. doi:10.7289/V5C8276M.',
  },
};

/** Path of a built-in file. Throws BathymetryError (UnknownBathymetry, FileNotFound). */
export function builtinBathymetryPath(name: string): string {
  const known = Object.keys(BUILTIN_BATHYMETRY).join(', ');
  if (!Object.hasOwn(BUILTIN_BATHYMETRY, name)) {
    throw new BathymetryError({
      tag: 'UnknownBathymetry',
      problem: `no bathymetry is called ${JSON.stringify(name)}.`,
      cure: `Use one of ${known}, or the path of a NetCDF or ESRI ASCII file.`,
    });
  }
  const { file } = BUILTIN_BATHYMETRY[name];
  // Beside the sources, or beside the compiled program in dist/.
  const places = ['../data/topo/', '../../../scenarios/data/topo/'].map((folder) =>
    fileURLToPath(new URL(folder + file, import.meta.url)),
  );
  const found = places.find((place) => existsSync(place));
  if (found) return found;
  throw new BathymetryError({
    tag: 'FileNotFound',
    file: places[0],
    problem: `the data file of ${name} is missing.`,
    cure: 'Install the program again with its scenarios/data folder.',
  });
}
