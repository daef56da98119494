// The facts of each kind of file, in the forms that people write it.
import { describe, expect, test } from '@jest/globals';
import { counterpartsOf } from '../../../src/init/calls.ts';
import { readCompose } from '../../../src/init/compose.ts';
import { readDockerfile } from '../../../src/init/dockerfile.ts';
import { kindOf } from '../../../src/init/kinds.ts';
import { flowList, mapLines, scalar } from '../../../src/init/lines.ts';
import { callsIn } from '../../../src/init/shell.ts';
import { imageWay, readJobFile } from '../../../src/init/specs.ts';
import { readWorkflow } from '../../../src/init/workflows.ts';
import { yamlData } from '../../../src/text/index.ts';

test.each<[path: string, kind: string | undefined]>([
  ['Dockerfile', 'dockerfile'],
  ['services/api/Dockerfile.prod', 'dockerfile'],
  ['web.Dockerfile', 'dockerfile'],
  ['Dockerfile.dockerignore', undefined],
  ['docs/Dockerfiles.md', undefined],
  ['deploy/docker-compose.prod.yml', 'compose'],
  ['compose.json', undefined],
  ['jobs/shop.nomad', 'spec'],
  ['jobs/shop.nomad.hcl', 'spec'],
  ['jobs/shop.nomad.json', 'spec'],
  ['jobs/shop.job', 'spec'],
  ['package.json', undefined],
  ['.github/workflows/a.yaml', 'workflow'],
  ['sub/.github/workflows/a.yaml', undefined],
  ['packs/a/metadata.hcl', 'pack'],
])('%s is of the kind %s', (path, kind) => expect(kindOf(path)).toBe(kind));

describe('the ports of a Dockerfile', () => {
  test.each<[text: string, ports: readonly number[]]>([
    ['FROM a\nEXPOSE 80', [80]],
    ['from a\nexpose 80 443/tcp 80', [80, 443]],
    ['FROM a\r\nEXPOSE 80\r\n', [80]],
    ['# EXPOSE 1\nFROM a\nEXPOSE \\\n  # not 2\n  80 \\\n\n  81\n', [80, 81]],
    ['# escape=`\nFROM a\nEXPOSE `\n80\n', [80]],
    ['ARG P=80\nFROM a\nEXPOSE $P', [80]],
    ['FROM a\nENV P 80\nEXPOSE ${P}', [80]],
    ['FROM a\nARG P\nEXPOSE ${P:-80}', [80]],
    ['FROM a\nENV A="80" B=\'81\'\nEXPOSE $A ${B}/tcp', [80, 81]],
    ['FROM a AS x\nEXPOSE 1\nFROM b\nEXPOSE 2', [2]],
    ['FROM a AS x\nEXPOSE 1\nFROM --platform=linux/amd64 X\nEXPOSE 2', [1, 2]],
    ['FROM a\nRUN <<-"EOF" cat\nEXPOSE 1\n  EOF\nEXPOSE 2', [2]],
    ['FROM a\nRUN cat <<NEVER\nEXPOSE 1', [1]],
    ['FROM a\nEXPOSE 0 65536 -1 a 8000-8010', []],
    ['FROM a\nENV A=$B$B B=$A$A\nEXPOSE $A', []],
    ['', []],
  ])('of %j are %j', (text, ports) => {
    expect(readDockerfile({ name: 'Dockerfile', text }).ports.map(({ number }) => number)).toEqual(ports);
  });

  test('have the lines of their instructions, and those of the stage that is asked for', () => {
    const text = 'FROM a AS one\nEXPOSE 1\nFROM b AS two\n\nENV PORT=7\nEXPOSE 2/udp\n';
    expect(readDockerfile({ name: 'x/Dockerfile', text }).ports).toEqual([{ number: 2, udp: true, at: 'x/Dockerfile:6' }]);
    expect(readDockerfile({ name: 'x/Dockerfile', text }).portVariable).toEqual({ number: 7, udp: false, at: 'x/Dockerfile:5' });
    for (const target of ['one', 'ONE', '0'])
      expect(readDockerfile({ name: 'x/Dockerfile', text }, target).ports).toMatchObject([{ number: 1, at: 'x/Dockerfile:2' }]);
  });
});

describe('a service of a compose file', () => {
  const service = async (text: string) =>
    (await readCompose({ name: 'deploy/compose.yaml', text: `x: &x {A: 1}\nservices:\n  web: ${text}\n` })).services[0];

  test.each<[written: string, ports: readonly number[]]>([
    ['["80"]', [80]],
    ['[80]', [80]],
    ['["8080:80", "8081:81/tcp"]', [80, 81]],
    ['["127.0.0.1:8080:80", "[::1]:9000:90"]', [80, 90]],
    ['["${PORT:-8080}:80"]', [80]],
    ['["8080:${PORT:-80}"]', [80]],
    ['["3000-3005:3000-3005"]', []],
    ['[{ target: 80, published: "8080", protocol: tcp }]', [80]],
    ['[{ published: "8080" }]', []],
    ['"80"', [80]],
    ['{ a: b }', []],
  ])('with the ports %s has %j', async (written, ports) => {
    expect((await service(`{ ports: ${written} }`))?.ports.map(({ number }) => number)).toEqual(ports);
  });

  test.each<[build: string, read: object | undefined]>([
    ['.', { context: 'deploy', dockerfile: 'deploy/Dockerfile', target: undefined }],
    ['..', { context: '.', dockerfile: 'Dockerfile' }],
    [
      '{ context: ../api, dockerfile: ../docker/api.Dockerfile, target: run }',
      { context: 'api', dockerfile: 'docker/api.Dockerfile', target: 'run' },
    ],
    ['{ dockerfile: a.Dockerfile }', { context: 'deploy', dockerfile: 'deploy/a.Dockerfile' }],
    ['../../other', undefined],
    ['/srv/app', undefined],
    ['"${FOLDER}"', undefined],
    ['https://example.com/a.git', undefined],
    ['{ context: .., dockerfile: ../../Dockerfile }', undefined],
  ])('with the build %s is built from %j', async (build, read) => {
    const found = (await service(`{ build: ${build} }`))?.build;
    expect(found === undefined ? undefined : { context: found.context, dockerfile: found.dockerfile, target: found.target }).toEqual(read);
  });

  test.each([
    ['{ B: secret, C: }', ['B', 'C']],
    ['[B=secret, C]', ['B', 'C']],
    ['{ <<: *x, B: secret }', ['B', 'A']],
    ['["no name=secret"]', []],
  ])('with the environment %s has the names %j, and no value', async (written, variables) => {
    const found = await service(`{ environment: ${written} }`);
    expect(found?.variables.map(({ name }) => name)).toEqual(variables);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  test.each(['services: []', 'services: { a: text, b: [1] }', '[]', 'a: *b', 'services: { a: { build: !reset null } }', '{', '\u0000'])(
    'that is none, in %j, is no mistake of ours',
    async (text) =>
      expect((await readCompose({ name: 'compose.yaml', text })).services.filter(({ build }) => build !== undefined)).toEqual([]),
  );
});

describe('a call in a script', () => {
  test.each<[script: string, words: readonly (readonly string[])[]]>([
    ['nomad job run a.nomad', [['a.nomad']]],
    ['  if true; then /usr/bin/nomad run a.nomad; fi', [['a.nomad']]],
    ['nomad job run \\\n  -detach \\\n  a.nomad && echo done', [['-detach', 'a.nomad']]],
    ['nomad job run -var "a=b c" -var \'d=$e\' x > log', [['-var', 'a=b c', '-var', 'd=\\$e', 'x']]],
    ['nomad job run -var a="$B"c x # comment', [['-var', 'a=$Bc', 'x']]],
    ['nomad job run -var a=${{ inputs.a b }} x', [['-var', 'a=${{ inputs.a b }}', 'x']]],
    ['# nomad job run a.nomad', []],
    ['nomad job runner a; mynomad-job run a; nomad job plan a', []],
    ['levant deploy a\nnomad-pack run b', [['a'], ['b']]],
  ])('%j has the words %j', (script, words) => expect(callsIn(script).map((call) => call.words)).toEqual(words));

  const call = (script: string, env: Readonly<Record<string, string>> = {}, folder = '.') => {
    const [first] = callsIn(script);
    if (first === undefined) throw new Error('no call');
    return counterpartsOf({ ...first, at: 'ci.yml:7', folder, env: new Map(Object.entries(env)) });
  };

  test.each<[value: string, env: Record<string, string>, found: string | undefined]>([
    ['plain', {}, 'plain'],
    ['"$TAG"', { TAG: '${{ github.sha }}' }, '${{ github.sha }}'],
    ['v${GITHUB_RUN_NUMBER}', {}, 'v${{ github.run_number }}'],
    ["'$TAG'", { TAG: 'x' }, '$TAG'],
    ['$(git describe)', {}, undefined],
    ['$UNKNOWN', {}, undefined],
    ['${TAG:-x}', { TAG: 'y' }, undefined],
    ['$KEY', { KEY: '${{ secrets.KEY }}' }, undefined],
    ['ghp_0123456789abcdefghijklmnopqrstuvwxyz', {}, undefined],
  ])('with the value %s has the value %3$j', (value, env, found) => {
    const { vars, open } = call(`nomad job run -var color=${value} a.nomad`, env);
    expect(vars).toEqual(found === undefined ? [] : [{ name: 'color', value: found }]);
    expect(open).toHaveLength(found === undefined ? 1 : 0);
  });

  test('has paths from the root, and no password of an address', () => {
    expect(
      call('nomad job run -var-file ../a.hcl b/c.nomad', { NOMAD_ADDR: 'https://ada:secret@nomad.example.com' }, 'deploy'),
    ).toMatchObject({
      file: 'deploy/b/c.nomad',
      varFiles: ['a.hcl'],
      address: undefined,
    });
  });
});

test('the lines of a workflow are those of the file, in each form of a script', async () => {
  const text = [
    'on: push',
    'jobs:',
    '  a:',
    '    steps:',
    '      - run: nomad job run one',
    '      - name: x',
    '        run: |',
    '          true',
    '          nomad job run two',
    '      - run: >-',
    '          nomad job run three',
  ].join('\n');
  const { calls } = await readWorkflow({ name: 'a.yml', text });
  expect(calls.map(({ at, words }) => [at, words[0]])).toEqual([
    ['a.yml:5', 'one'],
    ['a.yml:9', 'two'],
    ['a.yml:11', 'three'],
  ]);
});

describe('the image of a spec', () => {
  const way = (image: string, ...variables: readonly string[]) => {
    const declared = variables.map((name) => `variable "${name}" {}\n`).join('');
    const job = readJobFile({ name: 'a.nomad', text: `${declared}job "a" { group "g" { task "t" { config { image = ${image} } } } }` });
    return job && imageWay(job);
  };
  test.each<[image: string, variables: readonly string[], found: object]>([
    ['var.image', ['image'], { how: 'automatic' }],
    ['"${var.image}"', ['image'], { how: 'automatic' }],
    ['var.task_image', ['task_image'], { how: 'variables', lines: ['task_image=image'], image: undefined }],
    ['"reg.example.com:5000/shop:${var.tag}"', ['tag'], { how: 'variables', lines: ['tag=tag'], image: 'reg.example.com:5000/shop' }],
    ['"shop@${var.sha}"', ['sha'], { how: 'variables', lines: ['sha=digest'], image: 'shop' }],
    ['"${var.name}:${var.tag}"', ['name', 'tag'], { how: 'variables', lines: ['name=name', 'tag=tag'], image: undefined }],
    ['"shop:1.2"', [], { how: 'literal' }],
    ['"shop:${var.tag}"', [], { how: 'literal' }],
    ['"shop:${lower(var.tag)}"', ['tag'], { how: 'literal' }],
    ['"shop:v${var.tag}"', ['tag'], { how: 'literal' }],
    ['local.image', ['image'], { how: 'literal' }],
  ])('%s with the variables %j is %j', (image, variables, found) => expect(way(image, ...variables)).toEqual(found));
});

describe('a value in YAML', () => {
  const ODD = [
    ...[
      'a',
      '1',
      '1.10',
      '007',
      '1e3',
      'true',
      'yes',
      'null',
      '~',
      '-',
      '- a',
      'a: b',
      'a #b',
      ' a',
      'a ',
      '*a',
      '&a',
      '!a',
      '{ a',
      '[a',
      '"a"',
      "it's",
    ],
    ...[
      '${{ secrets.A }}',
      '#a',
      '%a',
      '@a',
      '`a',
      '\ta',
      'a\u0007b',
      '',
      '2026-01-01',
      '127.0.0.1:5000',
      'a,b',
      '.',
      './a',
      ':',
      'a:',
      '|',
      '>',
      '?',
      '? a',
    ],
  ];
  test.each(ODD)('%j is read as it was', async (text) => {
    expect(await yamlData(`a: ${scalar(text)}`)).toEqual({ data: { a: text } });
    expect(await yamlData(`a: ${flowList([text, 'x'])}`)).toEqual({ data: { a: [text, 'x'] } });
    for (const value of [`x\n${text}\ny`, `${text}\ny`]) {
      const lines = mapLines(
        [
          { key: 'a', value },
          { key: 'b', value: 'c' },
        ],
        2,
      );
      const { data } = (await yamlData(lines.map((line) => line.text).join('\n'))) as { readonly data: Record<string, string> };
      // The last line of a block has an end, which inputs are read without.
      expect({ ...data, a: data['a']?.replace(/\n$/, '') }).toEqual({ a: value, b: 'c' });
    }
  });
});
