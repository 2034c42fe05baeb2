/** How `terrella` ends. */
export const EXIT = {
  done: 0,
  /** The run failed, or a result is not what was expected. */
  failed: 1,
  /** The command line or a scenario is wrong. */
  usage: 2,
  /** Stopped by Ctrl-C after a checkpoint. */
  interrupted: 130,
} as const;

/** An error for the user: a stable tag, a message that ends with the cure, and the exit status. */
export class CliError extends Error {
  readonly tag: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    tag: string,
    message: string,
    status: number = EXIT.failed,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${tag}: ${message}`);
    this.tag = tag;
    this.status = status;
    this.details = details;
  }
}

const TAGGED = /^([A-Z][A-Za-z]+): /;

/** Tag of any error of the project: its own, or the word before its message's first colon. */
export function errorTag(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('tag' in error && typeof error.tag === 'string') return error.tag;
  return error instanceof Error ? TAGGED.exec(error.message)?.[1] : undefined;
}
