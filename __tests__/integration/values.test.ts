import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { serviceProblems } from '../../src/jobspec/built-in/service.ts';
import { renderBuiltIn } from '../../src/jobspec/built-in/template.ts';
import { connect, type Nomad } from '../../src/nomad/connect.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type HclValue, hclLiteral, parseLiteral } from '../../src/text/hcl-values.ts';
import { parts } from '../helpers/parts.ts';

// Values are sent to Nomad's own parser by the hundred, and have to come back as they went: nothing may end a string, begin an
// interpolation, or be taken for a template.

let nomad: Nomad;
beforeAll(async () => {
  const quiet = () => undefined;
  const log = {
    info: quiet,
    debug: quiet,
    notice: quiet,
    warning: quiet,
    error: quiet,
    group: async <T>(_: string, work: () => Promise<T>) => work(),
  };
  const connection = { address: parts().nomad.address, token: undefined, region: undefined };
  nomad = await connect(connection, { log, clock: systemClock, signal: AbortSignal.timeout(150_000) });
});
afterAll(async () => nomad.close());

const nasty = fc.constantFrom(
  '"',
  '\\',
  '\n',
  '\r',
  '\t',
  '\0',
  '${',
  '$${',
  '%{',
  '%%{',
  '{{',
  '}}',
  '}',
  '$',
  '%',
  '#',
  '//',
  '<<EOT',
  '\u2028',
  'é',
  '😀',
  "'",
  '`',
  '~',
);
// HCL keeps text in Unicode's normal form C, whoever writes it.
const value = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), { maxLength: 12 })
  .map((pieces) => pieces.join('').normalize('NFC'));
const batch = fc.array(value, { minLength: 200, maxLength: 200 });
const long = `${'x'.repeat(10_000)}"\${y}`;

async function parsed(source: string, variables: object): Promise<Record<string, string>> {
  const result = await nomad.jobs.parse(source, JSON.stringify(variables), undefined);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.job.Meta ?? {};
}

test('as a variable, any text arrives as it is', async () => {
  const source = 'variable "values" {\n type = list(string)\n}\njob "x" {\n meta {\n values = jsonencode(var.values)\n }\n}\n';
  await fc.assert(
    fc.asyncProperty(batch, async (values) => {
      const meta = await parsed(source, { values: [...values, long] });
      expect(JSON.parse(meta['values'] ?? '')).toEqual([...values, long]);
    }),
    { numRuns: 20 },
  );
});

test('as an HCL literal, too', async () => {
  await fc.assert(
    fc.asyncProperty(batch, async (values) => {
      const lines = [...values, long].map((text, i) => `v${i} = ${hclLiteral(text)}`);
      const meta = await parsed(`job "x" {\n meta {\n${lines.join('\n')}\n }\n}\n`, {});
      expect(Object.values({ ...meta }).length).toBe(values.length + 1);
      expect([...values, long].map((_, i) => meta[`v${i}`])).toEqual([...values, long]);
    }),
    { numRuns: 20 },
  );
});

test('in the built-in template, it arrives in its place, or is refused with the name of its variable', async () => {
  const target = {
    environment: { value: 'main', name: 'main', source: 'test' },
    jobId: 'acme-shop',
    projectSlug: 'acme-shop',
    hostnames: ['shop.example.com'],
  } as const;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      const given: Record<string, HclValue> = {
        CHECK_PATH: text,
        NETWORK_MODE: text,
        NODE_POOL: text,
        DATACENTERS: [text],
        CONSTRAINTS: [`meta.k = x${text}x`],
        VOLUMES: [`/h:/c${text}`],
        PERSISTENT_VOLUME: `/p${text}`,
        HOST_VOLUMES: [`shared:/m${text}`],
        PORT_CHECKS: { a: `/c${text}` },
        CI_REGISTRY_USER: `u${text}`,
        CI_REGISTRY_PASSWORD: `p${text}`,
      };
      const ports = { PORTS: { 5000: 'http', 1: 'a' } };
      const problems = serviceProblems({ ...given, ...ports }, undefined);
      const names = problems.map((problem) => /\(NOMAD_VAR_(\w+)\)/.exec(problem)?.[1] ?? '');
      expect(Object.keys(given)).toEqual(expect.arrayContaining(names));
      refused += names.length;
      const taken = { ...Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name))), ...ports };
      const source = await renderBuiltIn(taken, { target, image: text, secretsTemplate: text, oversubscription: true });
      const result = await nomad.jobs.parse(source, JSON.stringify(taken), undefined);
      const of = <T>(name: string, arrived: T): T | undefined => (names.includes(name) ? undefined : arrived);
      const check = (path: string | undefined): object => (path === undefined ? {} : { Checks: [{ Path: path }] });
      const volumes = [of('VOLUMES', `/h:/c${text}`), of('PERSISTENT_VOLUME', `/pv/acme-shop:/p${text}`)];
      expect(result).toMatchObject({
        job: {
          NodePool: text,
          Datacenters: [text],
          Constraints: of('CONSTRAINTS', [{ LTarget: '${meta.k}', Operand: '=', RTarget: `x${text}x` }]) ?? null,
          TaskGroups: [
            {
              Services: [check(text), check(of('PORT_CHECKS', `/c${text}`))],
              Tasks: [
                {
                  Config: {
                    image: text,
                    network_mode: text,
                    volumes: volumes.filter((volume) => volume !== undefined),
                    // The client interpolates a driver's config, and takes the escapes away.
                    auth: [
                      {
                        username: `u${text.replace(/[$%]\{/g, (sign) => `${sign.charAt(0)}${sign}`)}`,
                        password: '${NOMAD_DEPLOY_REGISTRY_PASSWORD}',
                      },
                    ],
                  },
                  VolumeMounts: of('HOST_VOLUMES', [{ Volume: 'shared', Destination: `/m${text}` }]) ?? null,
                },
              ],
            },
          ],
        },
      });
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(0);
});

test('a number keeps all its digits, whichever type its variable has', async () => {
  const source = `
    variables {
      seed = 1
    }
    variable "bounds" {
      type = object({ low = number, steps = list(number) })
    }
    job "x" {
      meta {
        seed   = var.seed
        bounds = jsonencode(var.bounds)
      }
    }`;
  const values = {
    seed: parseLiteral('9007199254740993'),
    bounds: parseLiteral('{ low = -9007199254740993, steps = [1e3, 18446744073709551615] }'),
  };
  expect(await parsed(source, values)).toEqual({
    seed: '9007199254740993',
    bounds: '{"low":-9007199254740993,"steps":[1000,18446744073709551615]}',
  });
});
