import { openFileStore } from '../store/file-store.ts';
import type { OpenStored } from './live-run.ts';
import { openStoredFields } from './stored-fields.ts';

/** Opens the fields of the Zarr store at a path, as it is when asked. */
export const storedFieldsAt =
  (path: string): OpenStored =>
  async (grid) =>
    openStoredFields(await openFileStore(path, { readOnly: true }), grid);
