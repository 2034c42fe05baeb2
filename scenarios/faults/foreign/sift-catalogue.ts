import { RANGES } from '../check-subfaults.ts';
import { ColumnTable, checkRows, type ForeignFormat, numberedLines, readSubfault, splitRow } from './foreign-format.ts';

const NAMES = ['Name', 'Filename/URL', 'Long(deg)', 'Lat(deg)', 'Slip(m)', 'Strike(deg)', 'Dip(deg)', 'Depth(km)'];
const MORE_NAMES = ['Length(km)', 'Width(km)', 'Rake(deg)'];

/**
 * NOAA PMEL's propagation database of SIFT unit sources (Gica et al. 2008, NOAA Tech. Memo. OAR PMEL-139): longitude and
 * latitude of the bottom centre, depth of the upper edge (row b of a pair begins where row a's upper edge is), 1 m of slip.
 */
export const siftCatalogue: ForeignFormat = {
  name: 'SIFT unit sources (NOAA PMEL)',
  mark: 'the comment "# Name, Filename/URL, Long(deg), …"',
  matches: (text) => /^#\s*Name,\s*Filename\/URL,\s*Long\(deg\)/m.test(text),
  read(text, list) {
    const rows = numberedLines(text)
      .filter(({ content }) => content.trim() !== '' && !content.startsWith('#'))
      .map(({ line, content }) => ({ line, cells: splitRow(content) }));
    const table = new ColumnTable([...NAMES, ...MORE_NAMES], rows, list);
    const geometry = {
      longitude: 'Long(deg)',
      latitude: 'Lat(deg)',
      depth: 'Depth(km)',
      length: 'Length(km)',
      width: 'Width(km)',
      strike: 'Strike(deg)',
      dip: 'Dip(deg)',
      rake: 'Rake(deg)',
    };
    const subfaults = table.rows.map((row) => {
      const slip = [{ start: 0, rise: 0, slip: table.number(row, 'Slip(m)', RANGES.slip) }];
      return readSubfault(table, row, geometry, 'sift', table.text(row, 'Name'), slip);
    });
    checkRows(subfaults, table.rows, list);
    const notes = ['Unit sources to choose from and scale, not one earthquake.'];
    return { kind: 'catalogue', format: siftCatalogue.name, reference: 'sift', subfaults, notes };
  },
};
