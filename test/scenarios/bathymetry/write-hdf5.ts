import { rmSync } from 'node:fs';
import h5wasm from 'h5wasm/node';

export interface Written {
  readonly data: Int16Array | Int32Array | Float32Array | Float64Array;
  readonly shape?: readonly number[];
  /** Names of the coordinate variables of its dimensions; none: no dimension scales. */
  readonly over?: readonly string[];
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** Writes variables as a NetCDF-4 file; numeric attributes take the type of the data. */
export async function writeHdf5(path: string, variables: Readonly<Record<string, Written>>): Promise<string> {
  await h5wasm.ready;
  rmSync(path, { force: true });
  const file = new h5wasm.File(path, 'w');
  for (const [name, { data, shape, attributes = {} }] of Object.entries(variables)) {
    const dataset = file.create_dataset({ name, data, shape: [...(shape ?? [data.length])] });
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === 'string') dataset.create_attribute(key, value);
      else dataset.create_attribute(key, (data.constructor as Float64ArrayConstructor).of(value), [1]);
    }
  }
  for (const scale of new Set(Object.values(variables).flatMap(({ over }) => over ?? []))) {
    (file.get(scale) as InstanceType<typeof h5wasm.Dataset>).make_scale(scale);
  }
  for (const [name, { over }] of Object.entries(variables)) {
    for (const [axis, scale] of (over ?? []).entries()) {
      (file.get(name) as InstanceType<typeof h5wasm.Dataset>).attach_scale(axis, scale);
    }
  }
  file.close();
  return path;
}
