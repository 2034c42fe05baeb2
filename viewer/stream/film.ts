import type { DecodedFrame } from './decoded-frame.ts';
import type { FrameKey } from './stream.worker.ts';

/** Decoded frames kept for playing back and forth [bytes]. */
const KEPT_BYTES = 160 * 2 ** 20;
/** Requests under way at once. */
const AT_ONCE = 3;
/** A frame that could not be had is not asked for before [ms]. */
const AGAIN_AFTER = 2000;

const nameOf = ({ run, field, level, seconds }: FrameKey): string => `${run} ${field} ${level} ${seconds ?? 'now'}`;
const isPresent = (name: string): boolean => name.endsWith(' now');

/** Frames by run, field, level and time, fetched when they are asked for and kept while there is room. */
export class Film {
  readonly #fetch: (wanted: FrameKey) => Promise<DecodedFrame>;
  readonly #onFrame: () => void;
  readonly #frames = new Map<string, DecodedFrame>();
  /** Requests by name, and whether their frames are still wanted when they come. */
  readonly #underWay = new Map<string, { isWanted: boolean }>();
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

  /** Forgets what is here of the present, so that it is fetched anew. */
  refreshPresent(): void {
    for (const [name, { codes }] of this.#frames)
      if (isPresent(name)) {
        this.#frames.delete(name);
        this.#bytes -= codes.byteLength;
      }
    this.#failed.clear();
  }

  /** Forgets what was the present, also where it is still on its way. */
  forgetPresent(): void {
    this.refreshPresent();
    for (const [name, request] of this.#underWay) if (isPresent(name)) request.isWanted = false;
  }

  /** Forgets everything, also what is still on its way. */
  forget(): void {
    this.#frames.clear();
    this.#bytes = 0;
    this.#failed.clear();
    for (const request of this.#underWay.values()) request.isWanted = false;
  }

  #begin(name: string, wanted: FrameKey): void {
    if (this.#underWay.has(name) || this.#underWay.size >= AT_ONCE) return;
    if ((this.#failed.get(name) ?? 0) > performance.now()) return;
    const request = { isWanted: true };
    this.#underWay.set(name, request);
    this.#fetch(wanted)
      .then((frame) => {
        if (!request.isWanted) return;
        this.#frames.set(name, frame);
        this.#bytes += frame.codes.byteLength;
        for (const [oldest, { codes }] of this.#frames) {
          if (this.#bytes <= KEPT_BYTES || this.#frames.size <= 4) break;
          this.#frames.delete(oldest);
          this.#bytes -= codes.byteLength;
        }
      })
      .catch(() => {
        if (!request.isWanted) return;
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
