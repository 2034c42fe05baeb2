/** What can go wrong with the keys of a cluster. `tag` is stable: scripts rely on it. */
export type CredentialsErrorTag =
  | 'DirectoryExists'
  | 'AuthorityMissing'
  | 'AuthorityDamaged'
  | 'NameTaken'
  | 'UserUnknown'
  | 'PushRefused';

/** An error with a stable tag; the message says what was wrong, the value, and the cure. */
export class CredentialsError extends Error {
  readonly tag: CredentialsErrorTag;

  constructor(tag: CredentialsErrorTag, message: string, cause?: unknown) {
    super(`${tag}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = tag;
    this.tag = tag;
  }
}
