import type { RuptureFront } from '../../engine/sources/rupture.ts';

/** How a published file becomes a table of scenarios/data/sources. */
export interface PublishedSource {
  /** Name of the published file, without .gz. */
  readonly file: string;
  /** Name of the table, without .csv. */
  readonly table: string;
  readonly title: string;
  readonly citation: string;
  readonly licence: string;
  readonly origin: string;
  /** Shear modulus that gives the authors' seismic moment [Pa]. */
  readonly rigidity?: number;
  /** Moment magnitude that the authors, or else the catalogues, give. */
  readonly magnitude?: number;
  /** The rupture the slip was inverted with, where the file has no times. */
  readonly front?: RuptureFront;
  readonly notes?: readonly string[];
}

const PTHA = 'GeoscienceAustralia/ptha, misc/nearshore_testing_2020/sources';
const PTHA_LICENCE = 'BSD-3-Clause (repository); slip tables are published facts, cite the paper';
const GEOCLAW_LICENCE = 'BSD-3-Clause (repository); cite the authors';

export const PUBLISHED_SOURCES: readonly PublishedSource[] = [
  {
    file: 'tohoku2011_Satake2013.csv',
    table: 'tohoku2011-satake',
    title: 'Tohoku 2011, slip in five windows of 30 s from tsunami waveforms',
    citation:
      'Satake, K., Fujii, Y., Harada, T., Namegaya, Y. (2013) Time and space distribution of coseismic slip of the 2011 Tohoku earthquake as inferred from tsunami waveform data. Bull. Seismol. Soc. Am. 103(2B), 1473-1492',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Tohoku2011/SatakeEtAl2013/satake13_data.csv`,
    rigidity: 4e10,
    magnitude: 9,
  },
  {
    file: 'tohoku2011_Yamazaki2018.txt',
    table: 'tohoku2011-yamazaki',
    title: 'Tohoku 2011, slip from seismic waves, tsunami and runup',
    citation:
      'Yamazaki, Y., Cheung, K. F., Lay, T. (2018) A self-consistent fault slip model for the 2011 Tohoku earthquake and tsunami. J. Geophys. Res. Solid Earth 123, 1435-1458, doi 10.1002/2017JB014749, data set S2',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Tohoku2011/YamakaziEtAl2018/jgrb52507-sup-0002-Data_S2.txt`,
    magnitude: 9.1,
    notes: ['The magnitude is that of the USGS; the file gives no rigidity.'],
  },
  {
    file: 'tohoku2011_UCSB3.txt',
    table: 'tohoku2011-ucsb3',
    title: 'Tohoku 2011, slip and rise times from seismic waves (UCSB model III)',
    citation:
      'Shao, G., Li, X., Ji, C., Maeda, T. (2011) Focal mechanism and slip history of the 2011 Mw 9.1 off the Pacific coast of Tohoku earthquake, constrained with teleseismic body and surface waves. Earth Planets Space 63, 553-557',
    licence: GEOCLAW_LICENCE,
    origin: 'clawpack/geoclaw, tests/data/tohoku_ucsb.txt',
    magnitude: 9.1,
  },
  {
    file: 'chile2010_FujiiSatake2013.csv',
    table: 'chile2010-fujii-satake',
    title: 'Maule 2010, slip from tsunami waveforms and coastal geodesy',
    citation:
      'Fujii, Y., Satake, K. (2013) Slip distribution and seismic moment of the 2010 and 1960 Chilean earthquakes inferred from tsunami waveforms and coastal geodetic data. Pure Appl. Geophys. 170, 1493-1509, doi 10.1007/s00024-012-0524-2, table 1',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Chile2010/FujiSatake2013/Chile2010_table1_tsunamiANDgeodetic.csv`,
    rigidity: 5e10,
    magnitude: 8.8,
  },
  {
    file: 'chile2010_Lorito2011.csv',
    table: 'chile2010-lorito',
    title: 'Maule 2010, slip from tsunami, InSAR, GPS and land levels',
    citation:
      'Lorito, S., Romano, F., Atzori, S., Tong, X., Avallone, A., McCloskey, J., Cocco, M., Boschi, E., Piatanesi, A. (2011) Limited overlap between the seismic gap and coseismic slip of the great 2010 Chile earthquake. Nature Geosci. 4, 173-177, doi 10.1038/ngeo1073',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Chile2010/LoritoEtAl2011/LoritoEtAl2011_source_model.csv`,
    magnitude: 8.8,
    notes: ['Rakes 110, 105 and 120 by zone, as in the paper.'],
  },
  {
    file: 's2010MAULEC02LORI.fsp',
    table: 'chile2010-lorito-srcmod',
    title: 'Maule 2010, the slip of Lorito et al. as SRCMOD has it',
    citation:
      'Lorito, S., et al. (2011) Limited overlap between the seismic gap and coseismic slip of the great 2010 Chile earthquake. Nature Geosci. 4, 173-177, doi 10.1038/ngeo1073; SRCMOD (Mai and Thingbaijam 2014) s2010MAULEC02LORI',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Chile2010/LoritoEtAl2011/s2010MAULEC02LORI.fsp`,
    magnitude: 8.8,
    notes: ['Prefer chile2010-lorito, which has the paper’s rakes.'],
  },
  {
    file: 'chile2015_Williamson2017.csv',
    table: 'chile2015-williamson',
    title: 'Illapel 2015, slip from GPS, InSAR and tsunami',
    citation:
      'Williamson, A., Newman, A., Cummins, P. (2017) Reconstruction of coseismic slip from the 2015 Illapel earthquake using combined geodetic and tsunami waveform data. J. Geophys. Res. Solid Earth 122, 2119-2130',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Chile2015/WilliamsonEtAl2017/subfaults.csv`,
    magnitude: 8.3,
    notes: ['The magnitude is that of the USGS; the file gives no rigidity.'],
  },
  {
    file: 'sumatra2004_FujiiSatake2007.txt',
    table: 'sumatra2004-fujii-satake',
    title: 'Sumatra-Andaman 2004, slip from tide gauges and satellite altimetry',
    citation:
      'Fujii, Y., Satake, K. (2007) Tsunami source of the 2004 Sumatra-Andaman earthquake inferred from tide gauge and satellite data. Bull. Seismol. Soc. Am. 97(1A), S192-S207',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Sumatra2004/FujiSatake2007/Fuji_satake_2004_joint_inversion_1ms.txt`,
    rigidity: 5e10,
    magnitude: 9.1,
    front: { longitude: 95.982, latitude: 3.295, speed: 1000, rise: 180 },
    notes: [
      'Times: a front at 1 km/s from the USGS epicentre (3.295 N, 95.982 E) to each centroid, then a rise of 3 min.',
    ],
  },
  {
    file: 'alaska1964.csv',
    table: 'alaska1964-sift',
    title: 'Alaska 1964, six pairs of SIFT unit sources',
    citation: 'GeoClaw test data on unit sources of the NOAA PMEL propagation database (Gica et al. 2008, PMEL-139)',
    licence: GEOCLAW_LICENCE,
    origin: 'clawpack/geoclaw, tests/data/alaska1964.csv',
    magnitude: 9.2,
    notes: ['The magnitude is that of the USGS catalogue; at 40 GPa the slip gives Mw 9.17.'],
  },
  {
    file: 'chile1960_Ho2019_si.txt',
    table: 'chile1960-ho',
    title: 'Chile 1960, initial sea surface from tsunami and geodesy',
    citation:
      'Ho, T.-C., Satake, K., Watada, S., Fujii, Y. (2019) Source estimate for the 1960 Chile earthquake from joint inversion of geodetic and transoceanic tsunami data. J. Geophys. Res. Solid Earth 124, doi 10.1029/2018JB016996, supporting information',
    licence: PTHA_LICENCE,
    origin: `${PTHA}/Chile1960/HoEtAl2019/jgrb53314-sup-0001-2018jb016996-si.txt`,
    notes: ['First step of the inversion (figure 5b of the paper).'],
  },
  {
    file: 'pmel_sift_unit_sources_info_sz.txt',
    table: 'sift-unit-sources',
    title: 'SIFT unit sources of the world’s subduction zones',
    citation:
      'Gica, E., Spillane, M. C., Titov, V. V., Chamberlin, C. D., Newman, J. C. (2008) Development of the forecast propagation database for NOAA’s Short-term Inundation Forecast for Tsunamis (SIFT). NOAA Tech. Memo. OAR PMEL-139',
    licence: 'public domain (NOAA PMEL)',
    origin: 'clawpack/geoclaw, src/python/geoclaw/data/info_sz.dat.txt',
  },
];

/** What is known of a file that is on no list: its name, and that its owner must fill in the rest. */
function unlisted(fileName: string): PublishedSource {
  const table = fileName
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return {
    file: fileName,
    table,
    title: fileName,
    citation: 'to be filled in',
    licence: 'to be filled in',
    origin: fileName,
  };
}

/** The published source that a file name (without folder and .gz) stands for, if any. */
export function publishedSource(fileName: string): PublishedSource {
  return PUBLISHED_SOURCES.find(({ file }) => file === fileName) ?? unlisted(fileName);
}
