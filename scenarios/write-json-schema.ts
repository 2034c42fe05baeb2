import { writeFileSync } from 'node:fs';
import { jsonSchema } from './schema.ts';

/** Writes the published JSON Schema anew, from the root of the project: after every change of the schema. */
const [, , path = 'scenarios/scenario.schema.json'] = process.argv;
writeFileSync(path, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
