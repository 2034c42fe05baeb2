import { readFile } from 'node:fs/promises';

/** Bytes of a file that a scenario names. Throws InputUnreadable: it may have gone since the scenario was loaded. */
export async function readInputFile(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(
      `InputUnreadable: ${file} cannot be read (${cause.code}). Put it back, or name another file in the scenario.`,
      { cause },
    );
  });
}
