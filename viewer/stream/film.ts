import type { DecodedFrame } from './decoded-frame.ts';
import type { FrameKey } from './stream.worker.ts';

/** Decoded frames kept for playing back and forth [bytes]. */
const KEPT_BYTES = 160 * 2 ** 20;
/** Requests under way at once. */
const AT_ONCE = 3;
/** A frame that could not be had is not asked for before [ms]. */
const AGAIN_AFTER = 2000;

const nameOf = ({ run, field, level, seconds }: FrameKey): string => `${run} ${field} ${level} ${seconds ?? 'now'}`;

/** Frames by run, field, level and time, fetched when they are asked for and kept while there is room. */
export class Film {
  readonly #fetch: (wanted: FrameKey) => Promise<DecodedFrame>;
  readonly #onFrame: () => void;
  readonly #frames = new Map<string, DecodedFrame>();
  readonly #underWay = new Set<string>();
  /** Not asked for again before [ms of performance.now()]. */
  readonly #failed = new Map<string, number>();
  #bytes = 0;

  constructor(fetch: (wanted: FrameKey) => Promise<DecodedFrame>, onFrame: () => void) {
    this.#fetch = fetch;
    this.#onFrame = onFrame;
  }

  /** The frame, if it is here; otherwise it is fetched. */
  ask(wanted: FrameKey): DecodedFrame | undefined {
    const name = nameOf(wanted);
    const found = this.#frames.get(name);
    if (found) {
      this.#frames.delete(name);
      this.#frames.set(name, found);
    } else this.#begin(name, wanted);
    return found;
  }

  get isWaiting(): boolean {
    return this.#underWay.size > 0;
  }

  /** Forgets what was the present, or everything. */
  forget(which: 'present' | 'all' = 'all'): void {
    for (const [name, { codes }] of this.#frames)
      if (which === 'all' || name.endsWith(' now')) {
        this.#frames.delete(name);
        this.#bytes -= codes.byteLength;
      }
    this.#failed.clear();
  }

  #begin(name: string, wanted: FrameKey): void {
    if (this.#underWay.has(name) || this.#underWay.size >= AT_ONCE) return;
    if ((this.#failed.get(name) ?? 0) > performance.now()) return;
    this.#underWay.add(name);
    this.#fetch(wanted)
      .then((frame) => {
        this.#frames.set(name, frame);
        this.#bytes += frame.codes.byteLength;
        for (const [oldest, { codes }] of this.#frames) {
          if (this.#bytes <= KEPT_BYTES || this.#frames.size <= 4) break;
          this.#frames.delete(oldest);
          this.#bytes -= codes.byteLength;
        }
      })
      .catch(() => {
        this.#failed.set(name, performance.now() + AGAIN_AFTER);
        // A picture that stands still would not ask again by itself.
        setTimeout(() => this.#onFrame(), AGAIN_AFTER + 10);
      })
      .finally(() => {
        this.#underWay.delete(name);
        this.#onFrame();
      });
  }
}
