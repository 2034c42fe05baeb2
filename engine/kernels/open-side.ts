import { helper, kernel, unlikely } from './kernel.ts';
import { donorLimit, type FaceCell, type FluxSettings, type Normal, type ShallowFlux } from './shallow-flux.ts';
import { greatest, least } from './traces.ts';

/**
 * An open side of a plane: a given wave comes in, and what comes from within goes out. The invariants of the shallow
 * water equations across the side tell the flow there (Toro 2001, ch. 3; Blayo & Debreu 2005, section 2):
 *
 *   v + 2c  comes in   = 4 √(g (d + η)) − 2 √(g d), a simple wave over still water of depth d
 *   v − 2c  goes out   = that of the cell within
 *
 * with v inwards. Both are written as differences, so that rest stays rest to the bit.
 */

interface OpenSettings extends FluxSettings {
  readonly seaLevel: number;
  readonly thinDepth: number;
}

const openFlux = helper(
  (
    inwards: number,
    cell: FaceCell,
    n: Normal,
    incident: number,
    otherwise: ShallowFlux,
    length: number,
    settings: OpenSettings,
  ): ShallowFlux => {
    const { gravity, seaLevel, thinDepth } = settings;
    const still = seaLevel - cell.bed;
    const normal = cell.u * n.x + cell.v * n.y + cell.w * n.z;
    const c = Math.sqrt(gravity * greatest(cell.h, thinDepth));
    const cStill = Math.sqrt(gravity * greatest(still, thinDepth));
    const cIncident = Math.sqrt(gravity * greatest(still + incident, thinDepth));
    const raised = (gravity * incident) / (cIncident + cStill);
    const above = (gravity * (seaLevel + incident - cell.eta)) / (cIncident + c);
    const v = raised + above + 0.5 * (inwards * normal);
    const cFace = greatest(c + (0.5 * (raised + above) - 0.25 * (inwards * normal)), 0);
    const rise = ((cFace - c) * (cFace + c)) / gravity;
    const h = cell.h + rise;
    const free = inwards * (h * v);
    const most = donorLimit(free, cell, cell, n, settings.crossingSpeed);
    const mass = v > 0 ? free : greatest(least(free, most), -most);
    // What comes in keeps the motion along the side that the cell has.
    const change = inwards * v - normal;
    const pressure = 0.5 * gravity * (rise * (h + cell.h)) * length;
    // Where there is no water to speak of, no wave comes in.
    const wet = still > thinDepth && cell.h > thinDepth;
    const directed = mass * length;
    return {
      mass: wet ? directed : otherwise.mass,
      x: wet ? directed * (cell.u + change * n.x) : otherwise.x,
      y: wet ? directed * (cell.v + change * n.y) : otherwise.y,
      z: wet ? directed * (cell.w + change * n.z) : otherwise.z,
      pressureLeft: wet ? pressure : otherwise.pressureLeft,
      pressureRight: wet ? pressure : otherwise.pressureRight,
    };
  },
  () => ({ greatest, least, donorLimit }),
);

const READS = [
  'open',
  'eta',
  'u',
  'v',
  'w',
  'h',
  'bed',
  'etaStart',
  'length',
  'normalX',
  'normalY',
  'normalZ',
  'massWithin',
  'xWithin',
  'yWithin',
  'zWithin',
  'pressureLeftWithin',
  'pressureRightWithin',
] as const;
const WRITES = ['mass', 'x', 'y', 'z', 'pressureLeft', 'pressureRight'] as const;
const PARAMS = ['gravity', 'seaLevel', 'thinDepth', 'crossingSpeed'] as const;

/** Fluxes through west faces: those of `fluxX`, but for faces of an open side. */
export const openX = kernel({
  name: 'openX',
  reads: READS,
  writes: WRITES,
  params: [...PARAMS, 'incidentWest', 'incidentEast'],
  uses: () => ({ openFlux, unlikely }),
  body: (f, settings) => {
    const inwards = f.open(0, 0);
    const west = inwards > 0;
    const eta = west ? f.eta(0, 0) : f.eta(-1, 0);
    const bed = west ? f.bed(0, 0) : f.bed(-1, 0);
    const cell = {
      eta,
      bed,
      h: west ? f.h(0, 0) : f.h(-1, 0),
      u: west ? f.u(0, 0) : f.u(-1, 0),
      v: west ? f.v(0, 0) : f.v(-1, 0),
      w: west ? f.w(0, 0) : f.w(-1, 0),
      startDepth: (west ? f.etaStart(0, 0) : f.etaStart(-1, 0)) - bed,
    };
    const within = {
      mass: f.massWithin(0, 0),
      x: f.xWithin(0, 0),
      y: f.yWithin(0, 0),
      z: f.zWithin(0, 0),
      pressureLeft: f.pressureLeftWithin(0, 0),
      pressureRight: f.pressureRightWithin(0, 0),
    };
    const n = { x: f.normalX(0, 0), y: f.normalY(0, 0), z: f.normalZ(0, 0) };
    const incident = west ? settings.incidentWest : settings.incidentEast;
    return unlikely(inwards * inwards > 0)
      ? openFlux(inwards, cell, n, incident, within, f.length(0, 0), settings)
      : within;
  },
});

/** Fluxes through south faces: those of `fluxY`, but for faces of an open side. */
export const openY = kernel({
  name: 'openY',
  reads: READS,
  writes: WRITES,
  params: [...PARAMS, 'incidentSouth', 'incidentNorth'],
  uses: () => ({ openFlux, unlikely }),
  body: (f, settings) => {
    const inwards = f.open(0, 0);
    const south = inwards > 0;
    const eta = south ? f.eta(0, 0) : f.eta(0, -1);
    const bed = south ? f.bed(0, 0) : f.bed(0, -1);
    const cell = {
      eta,
      bed,
      h: south ? f.h(0, 0) : f.h(0, -1),
      u: south ? f.u(0, 0) : f.u(0, -1),
      v: south ? f.v(0, 0) : f.v(0, -1),
      w: south ? f.w(0, 0) : f.w(0, -1),
      startDepth: (south ? f.etaStart(0, 0) : f.etaStart(0, -1)) - bed,
    };
    const within = {
      mass: f.massWithin(0, 0),
      x: f.xWithin(0, 0),
      y: f.yWithin(0, 0),
      z: f.zWithin(0, 0),
      pressureLeft: f.pressureLeftWithin(0, 0),
      pressureRight: f.pressureRightWithin(0, 0),
    };
    const n = { x: f.normalX(0, 0), y: f.normalY(0, 0), z: f.normalZ(0, 0) };
    const incident = south ? settings.incidentSouth : settings.incidentNorth;
    return unlikely(inwards * inwards > 0)
      ? openFlux(inwards, cell, n, incident, within, f.length(0, 0), settings)
      : within;
  },
});
