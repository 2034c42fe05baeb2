import type { RunStore } from '../store/zarr-output.ts';

/** A store that is still being laid out: what is written before it is there waits for it, and fails where it fails. */
export function lateStore(opening: Promise<RunStore>): RunStore {
  let opened: RunStore | undefined;
  opening.then(
    (store) => {
      opened = store;
    },
    // Met by whoever writes.
    () => {},
  );
  return {
    get frames() {
      return opened?.frames ?? 0;
    },
    get times() {
      return opened?.times ?? [];
    },
    writeFrame: async (...frame) => (await opening).writeFrame(...frame),
    writeStatic: async (...field) => (await opening).writeStatic(...field),
    writeStations: async (series) => (await opening).writeStations(series),
    writeProvenance: async (provenance) => (await opening).writeProvenance(provenance),
    flush: async () => (await opening).flush(),
  };
}
