import { namesSecret } from '../jobspec/index.ts';
import { shellWord } from '../text/index.ts';
import type { Counterparts } from './calls.ts';
import { buildPairs } from './config-lines.ts';
import { type Line, type Pair, scalar } from './lines.ts';
import { type ImageWay, imageWay, type JobFile } from './specs.ts';
import type { Survey } from './survey.ts';
import type { Finding } from './types.ts';

/** The parts of a workflow that depend on the kind of the repository. */
export interface OfSpecs {
  /** The run builds an image. */
  readonly builds: boolean;
  readonly found: readonly Finding[];
  /** Steps before that of the action. */
  readonly steps: readonly Line[];
  readonly inputs: readonly Pair[];
  /** Variables, without `NOMAD_VAR_` before their names. */
  readonly variables: readonly Pair[];
  readonly secrets: readonly Pair[];
  readonly open: readonly string[];
}

/** More specs than one workflow names. */
const MAX_SPECS = 20;

/** Variables that have a value without an input: docs/variables.md#automatic-values. */
const AUTOMATIC = /^(image|images|SLUG|HOSTNAMES|COUNT|NAMESPACE|SECRETS_TEMPLATE|SECRETS_RELEASE|CI_\w+)$/;

/** Returns the parts of a workflow for job specs, packs, and the calls that deployed them so far; undefined for a repository with none. */
export function ofSpecs(survey: Survey): OfSpecs | undefined {
  const { jobs, packs, calls } = survey;
  if (jobs.length + packs.length + calls.length === 0) return undefined;
  const packCall = calls.find(({ program }) => program === 'nomad-pack');
  const [pack] = packs;
  if (packCall !== undefined || (pack !== undefined && jobs.length === 0)) return ofPack(packCall, pack, calls);
  const named = calls.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const chosen = named.length > 0 ? [...new Set(named)] : jobs.slice(0, MAX_SPECS).map(({ path }) => path);
  const specs = jobs.filter(({ path }) => chosen.includes(path));
  const image = imageOf(survey, specs);
  const values = valuesOf(calls, specs, image);
  const varFiles = [...new Set(calls.flatMap((call) => call.varFiles))];
  const isUsual = chosen.length === 1 && chosen[0] === 'project.nomad';
  const namedBy = calls.find(({ file }) => file !== undefined)?.at;
  const one = <Name extends 'namespace' | 'region'>(name: Name): Pair[] => {
    const call = calls.find((each) => each[name] !== undefined);
    const value = call?.[name];
    return value === undefined ? [] : [{ key: `nomad-${name}`, value, why: `the ${name} of ${call?.at}` }];
  };
  return {
    builds: image.builds,
    found: [
      ...specs.map(({ at, label }): Finding => ({ at, text: `is the job ${label}` })),
      ...calls.map(({ at, program }) => ({ at, text: `registers the job by ${PROGRAMS[program]}` })),
      ...calls.flatMap(({ notes }) => notes),
      ...image.found,
    ],
    steps: [],
    inputs: [
      ...one('namespace'),
      ...one('region'),
      ...image.pairs,
      ...(chosen.length === 0 || isUsual
        ? []
        : [{ key: 'job', value: chosen.join('\n'), why: `the job spec${namedBy === undefined ? '' : ` that ${namedBy} registers`}` }]),
      ...(varFiles.length === 0 ? [] : [{ key: 'var-files', value: varFiles.join('\n'), why: `the variable files of ${calls[0]?.at}` }]),
    ],
    variables: values.variables,
    secrets: [],
    open: [
      ...values.open,
      ...specs.flatMap(({ foreign }) =>
        foreign === undefined
          ? []
          : [
              `${foreign.at}: ${foreign.text} is a template of Levant, which Nomad does not read. Make a variable of it: docs/migrating-from-levant.md.`,
            ],
      ),
      ...varFiles
        .filter((file) => /\.(ya?ml|tf)$/.test(file))
        .map((file) => `${file}: write it as HCL (\`name = value\`) or JSON: docs/migrating-from-levant.md#variable-files.`),
      ...(named.length === 0 && jobs.length > MAX_SPECS
        ? [`Only ${MAX_SPECS} of ${jobs.length} job specs are named. Name the others in \`job\`, or write a glob.`]
        : []),
      ...image.open,
      ...calls.map(({ at }) => `${at}: remove this step when the new workflow has deployed, or both deploy.`),
    ],
  };
}

const PROGRAMS = { nomad: '`nomad job run`', levant: '`levant deploy`', 'nomad-pack': '`nomad-pack run`' } as const;

interface OfImage extends Pick<OfSpecs, 'builds' | 'found' | 'open'> {
  readonly pairs: readonly Pair[];
  readonly way: ImageWay;
}

/** Returns how the image of the repository reaches its specs. */
function imageOf({ apps }: Survey, specs: readonly JobFile[]): OfImage {
  const [app] = apps;
  const literal: ImageWay = { how: 'literal' };
  const ways = specs.map((spec) => ({ spec, way: imageWay(spec) })).filter(({ way }) => way.how !== 'literal');
  const [first] = ways;
  if (app === undefined || specs.length === 0) return { builds: false, found: [], pairs: [], open: [], way: literal };
  const own = { key: 'build', value: 'false' };
  if (first === undefined || apps.length > 1) {
    const why =
      apps.length > 1
        ? 'the repository has several images, and the job spec takes at most one by a variable'
        : 'the job spec names its image itself';
    const open = `The workflow builds no image: ${why}. To have it built, see docs/images.md#which-variable-takes-the-image.`;
    return { builds: false, found: [], pairs: [{ ...own, why }], open: [open], way: literal };
  }
  const { way, spec } = first;
  const ofWay: Pair[] =
    way.how !== 'variables'
      ? []
      : [
          ...(way.image === undefined ? [] : [{ key: 'image', value: way.image, why: `the name of the image in ${spec.path}` }]),
          { key: 'image-variables', value: way.lines.join('\n'), why: `the variable by which ${spec.path} takes the image` },
        ];
  return {
    builds: true,
    found: [{ at: app.at, text: 'is the image to build' }],
    pairs: [...buildPairs(app), ...ofWay],
    open: [],
    way,
  };
}

/** Returns the values of the variables of the specs: those of the calls, and a place for each variable that has no value yet. */
function valuesOf(calls: readonly Counterparts[], specs: readonly JobFile[], { way }: OfImage): Pick<OfSpecs, 'variables' | 'open'> {
  const ofImage = new Set(way.how === 'variables' ? way.lines.map((line) => line.replace(/=.*$/, '')) : []);
  const isTaken = (name: string): boolean => ofImage.has(name) || (way.how === 'automatic' && name === 'image');
  const given = new Map<string, Pair>();
  for (const { vars, at } of calls) {
    for (const { name, value } of vars)
      if (!isTaken(name) && !given.has(name)) given.set(name, { key: name, value, why: `the option -var of ${at}` });
  }
  const asked: Pair[] = [];
  const ask = (name: string, isSecret: boolean, why: string): void => {
    if (isTaken(name) || given.has(name) || asked.some(({ key }) => key === name) || !/^[A-Za-z_]\w*$/.test(name) || /^github_/i.test(name))
      return;
    asked.push({ key: name, value: `\${{ ${isSecret ? 'secrets' : 'vars'}.${name.toUpperCase()} }}`, why });
  };
  for (const { open, at } of calls)
    for (const { name, secret } of open) ask(name, secret, `the option -var of ${at}, whose value is not copied`);
  if (calls.every(({ varFiles }) => varFiles.length === 0)) {
    for (const { variables, path } of specs) {
      for (const { name, hasDefault, line } of variables)
        if (!hasDefault && !AUTOMATIC.test(name)) ask(name, namesSecret(name), `${path}:${line} declares it without a default`);
    }
  }
  const commands = asked.map(({ value }) => {
    const [, kind = '', name = ''] = /(secrets|vars)\.(\w+)/.exec(value) ?? [];
    return `\`gh ${kind === 'vars' ? 'variable' : 'secret'} set ${name}\``;
  });
  return {
    variables: [...given.values(), ...asked],
    open: commands.length === 0 ? [] : [`Store the values that the spec needs: ${commands.join(', ')}.`],
  };
}

/** Returns the parts of a workflow that renders a pack first. See docs/from-nomad-pack.md. */
function ofPack(call: Counterparts | undefined, pack: Survey['packs'][number] | undefined, calls: readonly Counterparts[]): OfSpecs {
  const path = call?.file ?? pack?.folder ?? '.';
  const folder = path === '.' ? '.' : `./${path}`;
  const vars = call?.vars ?? [];
  // An expression in a script would become code of the shell, so it goes by a variable.
  const env = vars.map(({ name, value }, i): Pair => ({ key: `VALUE_${i + 1}`, value, why: `the variable ${name} of ${call?.at}` }));
  const files = (call?.varFiles ?? []).map((file) => ` --var-file ${shellWord(file)}`).join('');
  const values = vars.map(({ name }, i) => ` --var "${name}=$VALUE_${i + 1}"`).join('');
  return {
    builds: false,
    found: [
      ...(pack === undefined ? [] : [{ at: pack.at, text: `is the pack ${pack.name}` }]),
      ...calls.map(({ at, program }) => ({ at, text: `registers the job by ${PROGRAMS[program]}` })),
      ...(call?.notes ?? []),
    ],
    steps: [
      {
        text: '      - uses: hashicorp/setup-nomad-pack@053ac864298a55b345915b955f739fb5635152e4',
        why: 'installs nomad-pack, which renders the pack',
      },
      { text: '        with:' },
      { text: '          version: 0.4.0' },
      {
        text: `      - run: nomad-pack render ${shellWord(folder)}${files}${values} --to-dir rendered --auto-approve`,
        why: `renders the pack${call === undefined ? '' : ` as ${call.at} does`}`,
      },
      ...(env.length === 0
        ? []
        : [{ text: '        env:' }, ...env.map(({ key, value, why }) => ({ text: `          ${key}: ${scalar(value)}`, why }))]),
    ],
    inputs: [
      { key: 'build', value: 'false', why: 'the pack names its image' },
      { key: 'job', value: 'rendered/**/*.nomad', why: 'the rendered jobs' },
    ],
    variables: [],
    secrets: [],
    open: [
      ...(call?.open ?? []).map(
        ({ name }) => `${call?.at}: give the variable ${name} of the pack by \`env:\` of the step that renders it.`,
      ),
      'Render the pack in this folder before the next commands, as the step does: they read the rendered jobs.',
      ...calls.map(({ at }) => `${at}: remove this step when the new workflow has deployed, or both deploy.`),
    ],
  };
}
