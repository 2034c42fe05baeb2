import { assembleGrid, type Decoding } from './assemble-grid.ts';
import { type ChosenAxes, chooseAxes, chooseVariable, signedScale } from './choose-variable.ts';
import type { ByteSource, ElevationFiles } from './elevation-files.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { BathymetryError } from './errors.ts';
import { type GriddedFile, type GriddedVariable, numberAttribute, textAttribute } from './gridded-file.ts';
import { openNetcdfClassic } from './netcdf-classic.ts';
import { withOldGmtLayout } from './old-gmt-layout.ts';
import type { ReadOptions } from './read-options.ts';
import { type RegularAxis, regularAxis } from './regular-axis.ts';

/** Bytes that one read should bring, about. */
const BLOCK_BYTES = 32 * 2 ** 20;

/**
 * Reads elevation [m, positive up] from a NetCDF file of any format: NetCDF-4 (HDF5), classic, 64-bit offset, 64-bit
 * data, and GMT's old one-dimensional layout. Conventions: CF-1.11. Throws BathymetryError, nothing else, whatever the
 * bytes.
 */
export async function readNetcdf(
  path: string,
  source: ByteSource,
  files: ElevationFiles,
  options: ReadOptions,
  sha256: string,
): Promise<ElevationGrid> {
  const opened = await openNetcdf(path, source, files);
  try {
    return readOpened(withOldGmtLayout(opened), options, sha256);
  } finally {
    opened.close();
  }
}

/** Opens a NetCDF file by its first bytes. Throws BathymetryError. */
async function openNetcdf(path: string, source: ByteSource, files: ElevationFiles): Promise<GriddedFile> {
  const signature = String.fromCharCode(...source.read(0, 8));
  if (signature.startsWith('CDF')) return openNetcdfClassic(path, source);
  if (signature === '\x89HDF\r\n\x1a\n') return files.openHdf5(path);
  throw new BathymetryError({
    tag: 'NotAGrid',
    file: path,
    problem: signature.startsWith('\x1f\x8b')
      ? 'the file is compressed with gzip.'
      : `the file is no NetCDF: it starts with ${JSON.stringify(signature)}.`,
    cure: signature.startsWith('\x1f\x8b')
      ? 'Unpack it first: gunzip FILE.'
      : 'Give a NetCDF file (.nc, .grd), or an ESRI ASCII grid (.asc, .asc.gz).',
  });
}

function readOpened(file: GriddedFile, options: ReadOptions, sha256: string): ElevationGrid {
  const variable = chooseVariable(file, options);
  const axes = chooseAxes(file, variable, options);
  const longitude = axisOf(file, axes.longitude, axes, 'longitude');
  const latitude = axisOf(file, axes.latitude, axes, 'latitude');
  const byRow = axes.latitudeAxis < axes.longitudeAxis;
  const [slowAxis, fastAxis] = byRow
    ? [axes.latitudeAxis, axes.longitudeAxis]
    : [axes.longitudeAxis, axes.latitudeAxis];
  const chunk = (slowAxis === 0 && variable.chunkRows) || 1;
  const rowBytes = 8 * variable.shape[fastAxis];
  return assembleGrid(
    {
      file: file.path,
      variable: variable.name,
      coordinates: axes.coordinates,
      longitude,
      latitude,
      registration: options.registration ?? registrationOf(file, variable, longitude, latitude),
      decoding: decodingOf(file, variable, options),
      sha256,
      slowest: byRow ? 'latitude' : 'longitude',
      blockSize: chunk * Math.max(1, Math.floor(BLOCK_BYTES / (rowBytes * chunk))),
      read(start, count) {
        const from = [...axes.fixed];
        const extent = variable.shape.map(() => 1);
        from[slowAxis] = start;
        extent[slowAxis] = count;
        extent[fastAxis] = variable.shape[fastAxis];
        return variable.read(from, extent);
      },
    },
    options,
  );
}

function axisOf(
  file: GriddedFile,
  variable: GriddedVariable,
  axes: ChosenAxes,
  kind: 'longitude' | 'latitude',
): RegularAxis {
  const scale = (numberAttribute(variable, 'scale_factor') ?? 1) * axes.factor;
  const offset = (numberAttribute(variable, 'add_offset') ?? 0) * axes.factor;
  const positions = Float64Array.from(variable.read([0], variable.shape), (value) => value * scale + offset);
  const context = { file: file.path, variable: variable.name };
  return regularAxis(positions, { ...context, kind: axes.coordinates === 'plane' ? 'plane' : kind });
}

function decodingOf(file: GriddedFile, variable: GriddedVariable, options: ReadOptions): Decoding {
  const listed = (name: string) => {
    const value = variable.attributes.get(name);
    return typeof value === 'object' ? [...value] : [];
  };
  const range = listed('valid_range');
  const missing = [...listed('_FillValue'), ...listed('missing_value')];
  if (options.missing !== undefined) missing.unshift(options.missing);
  return {
    ...signedScale(file, variable, options),
    missing: [...new Set(missing.filter((mark) => !Number.isNaN(mark)))],
    valid: [
      range[0] ?? numberAttribute(variable, 'valid_min') ?? -Infinity,
      range[1] ?? numberAttribute(variable, 'valid_max') ?? Infinity,
    ],
    fitsInt16: ['int8', 'uint8', 'int16'].includes(variable.storage),
  };
}

/** GMT says `node_offset`; other files leave it to where the points lie: at multiples of the spacing, or halfway. */
function registrationOf(
  file: GriddedFile,
  variable: GriddedVariable,
  longitude: RegularAxis,
  latitude: RegularAxis,
): 'node' | 'cell' {
  const offset = numberAttribute(variable, 'node_offset') ?? numberAttribute(file, 'node_offset');
  if (offset !== undefined) return offset === 1 ? 'cell' : 'node';
  const stated = textAttribute(file, 'registration') || textAttribute(file, 'grid_registration');
  if (/pixel|cell/i.test(stated)) return 'cell';
  if (/node|grid/i.test(stated)) return 'node';
  const halfway = (axis: RegularAxis) => axis.halves !== undefined && axis.halves % 2 !== 0;
  return halfway(longitude) && halfway(latitude) ? 'cell' : 'node';
}
