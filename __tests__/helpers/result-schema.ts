// Results are held against their published JSON Schema, which refuses what it does not know.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

let validator: ValidateFunction | undefined;

/** What of a result its schema does not allow; empty when all of it is as published. */
export function resultProblems(result: unknown): string[] {
  if (validator === undefined) {
    const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
    formats.default(ajv);
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/result.schema.json'), 'utf8')) as object;
    validator = ajv.compile(schema);
  }
  if (validator(result)) return [];
  return (validator.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}
