// The JSON Schema of nomad-deploy.yml, and the tables of docs/configuration.md, from the tables that also read the file; `npm run docs` writes them.
import { APP_KEYS, CLUSTER_INPUTS, CLUSTER_KEYS, ENVIRONMENT_KEYS, POLICY_KEYS } from '../src/inputs/config/keys.ts';
import { type Facts, type From, INPUTS, type InputName, inputNames, type Key, type Type } from '../src/inputs/table/index.ts';
import { descriptionOf, table } from './reference.ts';

type Json = Readonly<Record<string, unknown>>;
type OwnKeys = Readonly<Record<string, { readonly type: Type; readonly meaning: string }>>;

const SCALAR = { type: ['string', 'number', 'boolean'] };
const TEXT = { type: ['string', 'number'] };

/** What each type is in JSON Schema. */
const TYPES: Readonly<Record<Type, Json>> = {
  text: TEXT,
  boolean: { type: 'boolean' },
  number: { type: 'integer', minimum: 0 },
  choice: TEXT,
  'boolean or text': { type: ['boolean', 'string'] },
  'boolean or auto': { type: ['boolean', 'string'] },
  'boolean or list': { anyOf: [{ type: 'boolean' }, { type: 'array', items: TEXT }, TEXT] },
  list: { anyOf: [{ type: 'array', items: TEXT }, TEXT] },
  words: { anyOf: [{ type: 'array', items: TEXT }, TEXT] },
  patterns: { anyOf: [{ type: 'array', items: TEXT }, TEXT] },
  pairs: {
    anyOf: [
      { type: 'object', additionalProperties: SCALAR },
      { type: 'array', items: { type: 'string', pattern: '=' } },
      { type: 'string' },
    ],
  },
  map: { anyOf: [{ type: 'object' }, { type: 'string' }] },
  waves: { anyOf: [{ type: 'array', items: { anyOf: [TEXT, { type: 'array', items: TEXT }] } }, { type: 'string' }] },
  checks: { anyOf: [{ type: 'array' }, { type: 'object' }, { type: 'string' }] },
  command: { anyOf: [{ type: 'string' }, { type: 'array', items: TEXT }] },
};

/** Keys of the file, in the order of action.yml. */
function inputKeys(of: readonly Facts['of'][]): [name: InputName, input: Facts & Key][] {
  return inputNames.flatMap((name): [InputName, Facts & Key][] => {
    const input = INPUTS[name];
    return 'from' in input && of.includes(input.of) ? [[name, input]] : [];
  });
}

/** The names of the keys of one of the two lists, as words of Markdown. */
function listOf(from: From, more: readonly string[]): string {
  const names = inputKeys(['run', 'job', 'image']).flatMap(([name, key]) => (key.from === from ? [name] : []));
  return `${[...names, ...more].map((name) => `\`${name}\``).join(', ')}.`;
}

/** Returns the JSON Schema of the configuration file. */
export function configSchema(): Json {
  const inputs = (...of: readonly Facts['of'][]): Json =>
    Object.fromEntries(
      inputKeys(of).map(([name, { type, from }]) => {
        const description = `${descriptionOf(name)}${from === 'any' ? '' : ' Counts from the file of the default branch.'}`;
        return [name, { description, ...TYPES[type] }];
      }),
    );
  const own = (keys: OwnKeys): Json =>
    Object.fromEntries(Object.entries(keys).map(([name, { type, meaning }]) => [name, { description: meaning, ...TYPES[type] }]));
  const section = (properties: Json): Json => ({ type: ['object', 'null'], properties, additionalProperties: false });
  const named = (description: string, reference: string): Json => ({
    description,
    type: ['object', 'null'],
    additionalProperties: { $ref: `#/$defs/${reference}` },
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'nomad-deploy.yml',
    description: 'Configuration of the action nomad-deploy. Every key has the meaning of the input of that name.',
    type: ['object', 'null'],
    properties: {
      ...inputs('run', 'job', 'image'),
      environments: named('Where each branch, tag or pull request is deployed to.', 'environment'),
      clusters: named('The clusters of `waves`.', 'cluster'),
      apps: named('The apps of the repository, each a job or more.', 'app'),
      images: named('The images of the job, by the names that its spec knows them by.', 'image'),
      policy: { $ref: '#/$defs/policy' },
    },
    additionalProperties: false,
    $defs: {
      environment: section({ ...own(ENVIRONMENT_KEYS), ...inputs('run', 'job', 'image') }),
      cluster: section({
        ...own(CLUSTER_KEYS),
        ...Object.fromEntries(Object.entries(inputs('run', 'job')).filter(([name]) => CLUSTER_INPUTS.test(name))),
      }),
      app: section({ ...own(APP_KEYS), ...inputs('job', 'image') }),
      image: section(inputs('image')),
      policy: { ...section(own(POLICY_KEYS)), description: 'What jobs may do; what is not named is allowed.' },
    },
  };
}

/** The keys of a section as a table in Markdown. */
function keysTable(keys: OwnKeys): string {
  return table(
    ['key', 'type', 'meaning'],
    Object.entries(keys).map(([name, { type, meaning }]) => [`\`${name}\``, type, meaning]),
  );
}

/** The tables of docs/configuration.md, by the names of their markers. */
export const TABLES: Readonly<Record<string, string>> = {
  environments: keysTable(ENVIRONMENT_KEYS),
  clusters: keysTable(CLUSTER_KEYS),
  apps: keysTable(APP_KEYS),
  images: `${inputKeys(['image'])
    .map(([name]) => `\`${name}\``)
    .join(', ')}.`,
  policy: keysTable(POLICY_KEYS),
  'of-the-checkout': listOf('any', Object.keys(APP_KEYS)),
  'of-the-default-branch': listOf('default-branch', ['environments', 'clusters', 'policy']),
};
