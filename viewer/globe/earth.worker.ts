import { expose, transfer } from 'comlink';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import { type Earth, earthOf } from './earth.ts';
import { landMask } from './land-mask.ts';
import type { LandDetail } from './land-topology.ts';

/** Makes the drawn earth beside the stream of frames, which must not wait for it. */
const earthMaker = {
  async make(ground: DecodedFrame | undefined, sign: 1 | -1, detail: LandDetail, size: number): Promise<Earth> {
    const earth = earthOf(await landMask(detail, 4 * size), ground, sign, size);
    return transfer(earth, [earth.bytes.buffer as ArrayBuffer]);
  },
};

export type EarthMaker = typeof earthMaker;

expose(earthMaker);
