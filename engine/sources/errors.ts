/** A source whose numbers no solver can use. The message says which, its value, and the cure. */
export class FaultOutOfRange extends Error {
  readonly tag = 'FaultOutOfRange';
  constructor(message: string) {
    super(`FaultOutOfRange: ${message}`);
    this.name = 'FaultOutOfRange';
  }
}
