import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BuildExtras, bakeTarget, buildxArgs } from '../../../src/image/args.ts';
import { planImage } from '../../../src/image/plan.ts';
import { testArgs } from '../../../src/image/trial.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import type { Inputs } from '../../../src/inputs/types.ts';
import { resolveTarget } from '../../../src/target/target.ts';
import { argumentsOf } from '../../../src/text/arguments.ts';
import { pushTo } from '../../fixtures/index.ts';

test('values are one word with their option, and operands stand behind --', () => {
  expect(argumentsOf(['docker', 'x'], ['--rm', ['--name', '--evil'], ['--env', '']], ['--mount=x', '-v'])).toEqual([
    ...['docker', 'x', '--rm', '--name=--evil', '--env='],
    ...['--', '--mount=x', '-v'],
  ]);
  expect(argumentsOf(['docker'], [])).toEqual(['docker']);
});

/** The words of a user: such as are options, names, lists, and anything. */
const word = fc.oneof(
  fc.constantFrom(
    ...['--mount=type=bind,src=/etc,dst=/x,readonly', '--privileged', '-v', '--', '--output=type=local,dest=/etc', '--builder=evil'],
    ...[
      'ghcr.io/acme/shop',
      `-v/:/x@sha256:${'a'.repeat(64)}`,
      'shop:1',
      '1.2',
      'prod',
      'A=1',
      '--secret=id=x',
      'type=gha',
      'linux/amd64',
      'true',
    ],
    ...['"type=gha","url=x"', '$(id)', 'a b', '\n', ',', '=', '-'],
  ),
  fc.string({ maxLength: 12 }),
);
const text = fc.array(word, { maxLength: 3 }).map((words) => words.join(''));
const INPUTS = [
  'image',
  'tags',
  'target',
  'build-args',
  'platforms',
  'labels',
  'cache-from',
  'cache-to',
  'provenance',
  'sbom',
  'builder',
  'test',
  'registry',
];

async function read(given: Readonly<Record<string, string>>): Promise<Inputs | undefined> {
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  return readInputs({ NOMAD_ADDR: 'http://n:4646', ...env }).catch(() => undefined);
}

describe('no argument of a program is an option that we did not write', () => {
  const OURS =
    /^(--progress=plain|--(builder|tag|file|target|build-arg|label|annotation|cache-from|cache-to|attest|platform|metadata-file)=[\s\S]*|--(push|load|pull|no-cache|rm)|--name=t|--entrypoint=[^-][\s\S]*|--)$/;
  const files = { dockerfile: '/checkout/Dockerfile', dockerfileExists: true, contextFolder: '/checkout', secretFiles: {}, sshFiles: {} };

  test('whatever the inputs are', async () => {
    let built = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...INPUTS), text, { maxKeys: 3 }), async (given) => {
        const inputs = await read(given);
        if (inputs === undefined) return;
        const context = pushTo('main');
        let plan: ReturnType<typeof planImage>;
        try {
          plan = planImage(inputs, files, true, { target: resolveTarget(inputs, context), context, workspace: '/checkout' });
        } catch {
          return;
        }
        const extras: BuildExtras = {
          metadataFile: '/m',
          secretFiles: {},
          ssh: {},
          labels: {},
          builder: inputs.builder,
          rewriteTimestamps: false,
        };
        const args =
          plan.kind === 'build'
            ? buildxArgs(plan, inputs, extras)
            : testArgs(inputs.test ?? 'true', plan.kind === 'existing' ? plan.reference : 'x', 't', undefined);
        const at = args.indexOf('--');
        expect(args.slice(0, at).filter((arg) => arg.startsWith('-') && !OURS.test(arg))).toEqual([]);
        // Behind --, the first word is a path of ours or an image.
        expect(args[at + 1]).toMatch(/^(\/checkout$|[A-Za-z0-9[])/);
        if (plan.kind !== 'build') return;
        built++;
        expect(plan.tags.filter((tag) => !/^[A-Za-z0-9[][^\s]*:\w[\w.-]*$/.test(tag))).toEqual([]);
        for (const name of Object.keys(bakeTarget(plan, inputs, extras)['args'] ?? {})) expect(name).toMatch(/^[A-Za-z_]/);
      }),
      { numRuns: 1500 },
    );
    expect(built).toBeGreaterThan(50);
  });
});

describe('an input that would be an option, or take what the environment has, is refused', () => {
  test.each<[string, string, string]>([
    ['image', `--mount=type=bind,src=/etc,dst=/x@sha256:${'0'.repeat(64)}`, '`image`: '],
    ['image', '-v', '`image`: '],
    ['image', 'shop@sha256:0', '`image`: '],
    ['image', 'shop:1 --privileged', '`image`: '],
    ['image', 'https://ghcr.io/acme/shop', '`image`: '],
    ['tags', '--output=x', '`tags`: '],
    ['tags', 'ghcr.io/acme/shop:content-0123456789abcdef', 'content-'],
    ['tags', 'Content-1', 'content-'],
    ['target', '--output=type=local,dest=/', '`target`: '],
    ['builder', '--config=/evil', '`builder`: '],
    ['registry', '--password=x', '`registry`: '],
    ['registry-auth', '- registry: --config=x\n  username: a\n  password: b', '`registry-auth`: the `registry` of entry 1'],
    [
      'build-args',
      'ACTIONS_RUNTIME_TOKEN',
      '`build-args`: "ACTIONS_RUNTIME_TOKEN" has no value; write ACTIONS_RUNTIME_TOKEN=${{ env.ACTIONS_RUNTIME_TOKEN }} in the workflow',
    ],
    ['build-args', 'A=1\nHTTPS_PROXY', 'HTTPS_PROXY=${{ env.HTTPS_PROXY }}'],
    ['build-args', '--secret=y', '`build-args`: '],
    ['labels', '--privileged=1', '`labels`: '],
    ['labels', 'nomad-deploy.content=sha256:0', 'is reserved for nomad-deploy'],
    ['labels', 'Nomad-Deploy.run=x', 'is reserved for nomad-deploy'],
    ['test', '["--privileged"]', '`test`: '],
    ['cache-from', 'type=gha,url_v2=http://evil.example/', '`cache-from`: "type=…,url_v2=…" has `url_v2`'],
    ['cache-from', 'TYPE=gha,"URL_V2=http://evil.example/"', '`cache-from`: '],
    ['cache-to', 'url=http://evil.example/,type=gha', '`cache-to`: '],
    ['cache-to', 'type=gha,token=x', '`cache-to`: '],
    ['cache-to', 'type=local,type=gha,url=x', '`cache-to`: '],
    ['cache-to', 'type=gha, url=x', '`cache-to`: '],
    ['cache-to', '"type=gha,url=x"', '`cache-to`: '],
    ['cache-to', 'type=registry,ref=ghcr.io/acme/shop:content-0123456789abcdef', '`cache-to`: '],
    ['cache-to', 'ghcr.io/acme/shop:content-0123456789abcdef', '`cache-to`: '],
    ['cache-from', '--output=x', '`cache-from`: '],
    ['provenance', 'mode=max,type=sbom', '`provenance`: '],
  ])('%s: %s', async (name, value, message) => {
    const env = { NOMAD_ADDR: 'http://n:4646', [`INPUT_${name.toUpperCase()}`]: value };
    await expect(readInputs(env)).rejects.toMatchObject({ code: 'input-invalid', message: expect.stringContaining(message) });
  });

  test.each<[string, string]>([
    ['image', `registry.example.com:5000/a_b/c-d.e/f--g:v1.2_3-x@sha256:${'0'.repeat(64)}`],
    ['image', '[::1]:5000/shop'],
    ['tags', 'sha-860c190, pr-2\nghcr.io/acme/shop:latest'],
    ['target', '0'],
    ['builder', 'builder-0ab_1.c'],
    ['registry', 'https://europe-docker.pkg.dev/acme/images/'],
    ['labels', 'org.opencontainers.image.revision=abc\norg.opencontainers.image.title=a, b = c'],
    [
      'cache-from',
      'type=gha,scope=main\nghcr.io/acme/shop:cache\ntype=registry,ref=ghcr.io/acme/shop:cache\ntype=local,src=/tmp/.buildx-cache',
    ],
    ['cache-to', 'type=gha,mode=max,ignore-error=true\ntype=s3,region=eu,bucket=b,url=http://s3.local,"name=a,b"'],
    ['provenance', 'mode=max,builder-id=https://x/y?a=b'],
    ['test', '["/app", "--self-test"]'],
  ])('an ordinary one is not: %s: %s', async (name, value) => {
    expect(await read({ [name]: value })).toBeDefined();
  });
});
