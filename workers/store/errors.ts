/** What can go wrong with stores, outputs and checkpoints. `tag` is stable: scripts rely on it. */
export type StoreErrorTag =
  | 'DiskFull'
  | 'NotWritable'
  | 'StoreFailed'
  | 'InvalidKey'
  | 'FrameOutOfOrder'
  | 'FieldMismatch'
  | 'RunStoreMissing'
  | 'RunStoreMismatch'
  | 'CheckpointMissing'
  | 'CheckpointDamaged'
  | 'CheckpointFromOtherVersion'
  | 'CheckpointFromOtherScenario'
  | 'StateNotFinite'
  | 'SeriesInvalid'
  | 'ExportFailed';

/** An error with a stable tag; the message says what was wrong, the value, and the cure. */
export class StoreError extends Error {
  readonly tag: StoreErrorTag;

  constructor(tag: StoreErrorTag, message: string, cause?: unknown) {
    super(`${tag}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = tag;
    this.tag = tag;
  }
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;

/** Gives a file system's error a tag and a cure. An error that already has a tag passes through. */
export function fileError(error: unknown, action: string, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  switch (code) {
    case 'ENOSPC':
      return new StoreError(
        'DiskFull',
        `no space left to ${action} ${path}. Nothing already written is lost. Free some space, or write to another disk with --output; a stopped run can be resumed.`,
        error,
      );
    case 'EDQUOT':
      return new StoreError(
        'DiskFull',
        `your disk quota is used up, cannot ${action} ${path}. Nothing already written is lost. Free some space, or write to another disk with --output; a stopped run can be resumed.`,
        error,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StoreError(
        'NotWritable',
        `not allowed to ${action} ${path} (${code}). Give yourself access to it, or choose another directory with --output.`,
        error,
      );
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return new StoreError(
        'NotWritable',
        `cannot ${action} ${path}: a file stands where a directory is needed, or the other way round (${code}). Remove it, or choose another directory with --output.`,
        error,
      );
    case 'ENOENT':
      return new StoreError(
        'NotWritable',
        `cannot ${action} ${path}: its directory does not exist. Create it, or choose another one.`,
        error,
      );
    case 'EMFILE':
    case 'ENFILE':
      return new StoreError(
        'StoreFailed',
        `too many open files to ${action} ${path} (${code}). Raise the limit with ulimit -n 4096.`,
        error,
      );
    default:
      return new StoreError(
        'StoreFailed',
        `could not ${action} ${path} (${code ?? String(error)}). Check the disk and the path; a stopped run can be resumed.`,
        error,
      );
  }
}
