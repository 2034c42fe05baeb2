/** Different frames that make a picture that moves. */
const MOVING = 3;
/** A picture that stands still is waited for no longer than this [ms]. */
const STANDS_STILL = 1500;
/** Nor is one that does not come. */
const NONE_COMES = 6000;

/** Says when a picture has come and moves, so that there is time for what goes around it: relief, marks and labels. */
export class Settling {
  readonly over: Promise<void>;
  #isOver = false;
  #frames = 0;
  #end!: () => void;

  constructor() {
    this.over = new Promise((done) => {
      this.#end = () => {
        this.#isOver = true;
        done();
      };
    });
    setTimeout(this.#end, NONE_COMES);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** There is something to see that waits for no frames. */
  end(): void {
    this.#end();
  }

  /** A frame is on the screen that was not there before. */
  frameShown(): void {
    this.#frames++;
    if (this.#frames === 1) setTimeout(this.#end, STANDS_STILL);
    if (this.#frames === MOVING) this.#end();
  }
}
