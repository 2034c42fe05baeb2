import type { FieldInfo, RunInfo } from '../../workers/protocol/viewing.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import type { Session } from '../stream/session.ts';

/** Credits of a watch: frames under way. */
const CREDITS = 2;

/** The live field that the gateway sends by itself, one at a time. */
export class LiveWatch {
  readonly #session: Session;
  #watching = '';
  /** The request that live frames answer; those of an earlier one are stale. */
  #id = 0;
  #newest: DecodedFrame | undefined;

  constructor(session: Session, onFrame: () => void) {
    this.#session = session;
    session.onFrame = (frame) => {
      if (frame.id !== this.#id) return;
      // Credit comes back when the frame is taken, so a slow page gets fewer.
      session.send({ type: 'credit', id: this.#id, frames: 1 });
      this.#newest = frame;
      onFrame();
    };
  }

  /** Watches a field as it is now; or nothing. */
  watch(run: RunInfo, field: FieldInfo, level: number, isLive: boolean): void {
    const wanted = isLive ? `${run.id} ${field.name} ${level}` : '';
    if (wanted === this.#watching) return;
    this.#watching = wanted;
    if (this.#id > 0) this.#session.send({ type: 'unwatch', id: this.#id });
    this.#id = isLive ? this.#session.nextId() : 0;
    if (!isLive) return;
    const subject = { run: run.id, field: field.name, level };
    this.#session.send({ type: 'watch', id: this.#id, ...subject, credits: CREDITS });
  }

  newestOf(run: RunInfo, field: FieldInfo): DecodedFrame | undefined {
    const newest = this.#newest;
    return newest?.run === run.id && newest.field === field.name ? newest : undefined;
  }

  /** After a reconnection the gateway knows of no watch. */
  forget(): void {
    this.#watching = '';
    this.#id = 0;
    this.#newest = undefined;
  }
}
