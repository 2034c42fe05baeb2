import { RANGES } from '../check-subfaults.ts';
import { ColumnTable, type ForeignFormat, numberedLines, splitRow } from './foreign-format.ts';

/** Standard deviation [minutes of arc] in the comment `σ=15'`. */
const SPREAD = /σ\s*=\s*([\d.]+)\s*['′]/;

/**
 * Ho, Satake, Watada and Fujii (2019, doi 10.1029/2018JB016996), supporting information: the initial sea surface of 1960 as Gaussian
 * unit sources in plain degrees, eq. 1. Heights of the water, not of the sea floor: no filter belongs on them.
 */
export const ho2019: ForeignFormat = {
  name: 'Gaussian sea-surface sources of Ho et al. (2019)',
  mark: 'comments with "Height    : amp" and "η_j = amp*exp(…)"',
  matches: (text) => /^%.*amp\*exp\(/m.test(text),
  read(text, list) {
    const minutes = SPREAD.exec(text)?.[1];
    if (minutes === undefined) {
      const cure = "Keep the comment that gives it, such as σ=15' (minutes of arc).";
      list.add({ line: 0, column: 'σ', problem: 'is missing: the width of the humps', cure });
    }
    const rows = numberedLines(text)
      .filter(({ content }) => content.trim() !== '' && !content.startsWith('%'))
      .map(({ line, content }) => ({ line, cells: splitRow(content) }));
    const table = new ColumnTable(['Longitude', 'Latitude', 'Height'], rows, list);
    const humps = table.rows.map((row) => ({
      longitude: table.number(row, 'Longitude', RANGES.longitude),
      latitude: table.number(row, 'Latitude', RANGES.latitude),
      amplitude: table.number(row, 'Height', { least: -100, most: 100, unit: 'm' }),
      standardDeviation: Number(minutes) / 60,
      unit: 'degrees' as const,
    }));
    const notes = ['Displacement of the sea surface, not of the sea floor.'];
    return { kind: 'surface', format: ho2019.name, humps, notes };
  },
};
