import type { RefusalCode } from '../protocol/viewing.ts';

/** What the gateway will not or cannot do for a viewer: told to that viewer alone. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
