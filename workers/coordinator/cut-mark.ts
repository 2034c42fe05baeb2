import type { Cut, CutMark } from '../protocol/cluster.ts';
import { packCut } from '../protocol/cluster-messages.ts';
import { sha256Hex } from '../store/state-hash.ts';

/** A cut as a trail has it: by the hash of its bytes. */
export const markOf = (cut: Cut): CutMark => ({ step: cut.step, cut: sha256Hex(packCut(cut)) });
