/**
 * Makes etopo1-japan.nc of the ASCII grid etopo1min139E147E34N41N.asc (gzipped or not) that Randall LeVeque keeps at
 * github.com/rjleveque/tohoku2011-paper1, folder topo. Compile with `npm run build`, then
 * node dist/scenarios/data/topo/make-etopo1-japan.js INPUT OUTPUT
 */
import { readElevation } from '../../bathymetry/read-elevation.ts';
import { writeElevation } from '../../bathymetry/write-elevation.ts';

const [input, output] = process.argv.slice(2);
if (!input || !output) throw new Error('Say which file to read and which to write: make-etopo1-japan INPUT OUTPUT');
const grid = await readElevation(input);
await writeElevation(output, grid, {
  title: 'ETOPO1 global relief, 1 arc-minute, north-eastern Japan, node-registered',
  source: 'NOAA NGDC ETOPO1 (Amante & Eakins 2009), public domain; cut for GeoClaw by R. J. LeVeque',
  references: 'doi:10.7289/V5C8276M',
});
