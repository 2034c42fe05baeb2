/** The one that was made: a second one would start the driver anew. */
let made: Promise<GPU | undefined> | undefined;

/**
 * WebGPU outside a browser: Dawn, from the optional package `webgpu`, whose binary is in the package. Undefined where
 * the package was left out, or has no binary for this system.
 */
export function dawn(): Promise<GPU | undefined> {
  made ??= import('webgpu').then(
    ({ create }) => create([]),
    () => undefined,
  );
  return made;
}
