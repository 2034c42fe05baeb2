import { type Frame, packTiles } from './frame-encoding.ts';

/** Moments of a timeline over a whole run. */
const MOMENTS = 240;
const MOST_BYTES = 256 * 2 ** 20;

/** Frames kept in memory, encoded, for going back in time: evenly spaced, thinned out where they grow too large. */
export class Timeline {
  private readonly kept = new Map<string, { frame: Frame; bytes: number }[]>();
  private spacing: number;
  private readonly most: number;

  constructor(duration: number, most = MOST_BYTES) {
    this.spacing = duration / MOMENTS;
    this.most = most;
  }

  /** Whether a field's frame of this time is due. */
  wants(field: string, seconds: number): boolean {
    const last = this.kept.get(field)?.at(-1)?.frame.facts.seconds;
    return last === undefined || Math.floor(seconds / this.spacing + 1e-9) > Math.floor(last / this.spacing + 1e-9);
  }

  /** Keeps a frame, later than those before it; its tiles are encoded by and by. */
  async keep(frame: Frame): Promise<void> {
    const { field } = frame.facts;
    const list = this.kept.get(field) ?? [];
    this.kept.set(field, list);
    if ((list.at(-1)?.frame.facts.seconds ?? Number.NEGATIVE_INFINITY) >= frame.facts.seconds) return;
    const entry = { frame, bytes: 0 };
    list.push(entry);
    entry.bytes = (await packTiles(frame, 0)).length;
    if (this.bytes() > this.most) this.thinOut();
  }

  times(field: string): readonly number[] {
    return (this.kept.get(field) ?? []).map(({ frame }) => frame.facts.seconds);
  }

  /** The newest frame of a field at or before a time. */
  at(field: string, seconds: number): Frame | undefined {
    return (this.kept.get(field) ?? []).findLast(({ frame }) => frame.facts.seconds <= seconds + 1e-6)?.frame;
  }

  bytes(): number {
    return [...this.kept.values()].flat().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private thinOut(): void {
    this.spacing *= 2;
    for (const [field, list] of this.kept)
      this.kept.set(
        field,
        list.filter((_, index) => index % 2 === 0),
      );
  }
}
