import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { BathymetryError } from './errors.ts';

/** SHA-256 of a file's bytes, as `sha256sum` prints it. Throws BathymetryError (FileNotFound). */
export async function fileSha256(path: string): Promise<string> {
  if (!existsSync(path)) {
    throw new BathymetryError({
      tag: 'FileNotFound',
      file: path,
      problem: 'there is no such file.',
      cure: 'Check the path.',
    });
  }
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}
