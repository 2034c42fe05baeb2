import { BathymetryError } from './errors.ts';
import { type GriddedFile, type GriddedVariable, numberAttribute } from './gridded-file.ts';

/**
 * GMT before version 4 (and ETOPO1's `_gmt3` files) keep z as one long list, north row first, and the geometry in
 * x_range, y_range, spacing and dimension. GMT 3 technical reference, appendix B.2. Other files pass unchanged.
 */
export function withOldGmtLayout(file: GriddedFile): GriddedFile {
  const find = (name: string) => file.variables.find((variable) => variable.name === name);
  const [xRange, yRange, dimension, z] = [find('x_range'), find('y_range'), find('dimension'), find('z')];
  if (!xRange || !yRange || !dimension || !z || z.shape.length !== 1) return file;
  const [columns, rows] = dimension.read([0], [2]);
  if (!(columns >= 2 && rows >= 2 && columns * rows === z.shape[0])) {
    throw new BathymetryError({
      tag: 'NotAGrid',
      file: file.path,
      variable: 'dimension',
      problem: `${columns} × ${rows} does not match the ${z.shape[0]} values of z.`,
      cure: 'Write the grid again with gmt grdconvert.',
    });
  }
  const pixel = numberAttribute(z, 'node_offset') === 1;
  const [west, east] = xRange.read([0], [2]);
  const [south, north] = yRange.read([0], [2]);
  const registered = new Map([...file.attributes, ['node_offset', [pixel ? 1 : 0]] as const]);
  const variables: GriddedVariable[] = [
    coordinate('lon', 'degrees_east', points(west, east, columns, pixel)),
    coordinate('lat', 'degrees_north', points(north, south, rows, pixel)),
    {
      ...z,
      dimensions: ['lat', 'lon'],
      shape: [rows, columns],
      // Whole rows only, which is all that the reader asks for.
      read: (start, count) => z.read([start[0] * columns], [count[0] * columns]),
    },
  ];
  return { ...file, attributes: registered, variables };
}

function points(from: number, to: number, count: number, pixel: boolean): Float64Array {
  const spacing = (to - from) / (pixel ? count : count - 1);
  return Float64Array.from({ length: count }, (_, k) => from + (pixel ? k + 0.5 : k) * spacing);
}

function coordinate(name: string, units: string, values: Float64Array): GriddedVariable {
  return {
    name,
    dimensions: [name],
    shape: [values.length],
    attributes: new Map([['units', units]]),
    storage: 'float64',
    read: () => values,
  };
}
