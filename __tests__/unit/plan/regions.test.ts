import { describe, expect, test } from '@jest/globals';
import type { SpecFile } from '../../../src/jobspec/types.ts';
import { namedRegion } from '../../../src/plan/regions.ts';

const named = async (spec: Partial<SpecFile>, fromFiles: object = {}): Promise<string | undefined> => {
  const whole: SpecFile = { name: 'web.nomad', text: '', builtIn: false, format: 'hcl', template: false, fragments: {}, ...spec };
  const rendering = { spec: whole, fromFiles, context: { isDefaultCheckout: true } };
  const refuse = async (): Promise<never> => Promise.reject(new Error('the cluster is asked'));
  return namedRegion({ vars: {}, sources: {} } as never, rendering as never, { jobs: { parse: refuse } } as never, {} as never);
};

describe('the region that a spec names', () => {
  test.each<[string, string | undefined]>([
    ['job "web" {\n  region = "eu-1"\n}', 'eu-1'],
    ['job "web" { region="eu" }', 'eu'],
    ['job "web" {\n  region = "eu" # not "us"\n  type = "batch"\n}', 'eu'],
    ['job "web" {\n  # region = "eu"\n}', undefined],
    ['variables {\n  region = "us"\n}\njob "web" {\n}', undefined],
    ['job "web" {\n  group "g" {\n    task "t" {\n      env {\n        region = "us"\n      }\n    }\n  }\n}', undefined],
    ['job "web" {\n  meta = { region = "us" }\n}', undefined],
    ['job "web" {\n  meta {\n    text = <<EOT\nregion = "us"\nEOT\n  }\n  region = "eu"\n}', 'eu'],
  ])('is read without asking the cluster: %j', async (text, region) => expect(await named({ text })).toBe(region));

  test('may be that of job.nomad, or the variable of the built-in template', async () => {
    const fragments = { job: { name: 'job.nomad', text: 'region = "eu"\n' } };
    expect(await named({ builtIn: true, template: true, fragments }, { REGION: { value: 'us', source: 'a.hcl:1' } })).toBe('eu');
    expect(await named({ text: 'job "web" {}', fragments })).toBe('eu');
    expect(await named({ builtIn: true, template: true }, { REGION: { value: 'us', source: 'a.hcl:1' } })).toBe('us');
    expect(await named({ builtIn: true, template: true })).toBeUndefined();
  });

  test.each<[string, Partial<SpecFile>]>([
    ['a variable', { text: 'job "web" {\n  region = var.where\n}' }],
    ['a template of HCL', { text: 'job "web" {\n  region = "eu-${var.zone}"\n}' }],
    ['JSON', { text: '{"job": {"web": {"region": "eu"}}}' }],
    ['a template of the repository', { text: '{{> region}}', template: true }],
  ])('is asked for where it is %s', async (_what, spec) => expect(named(spec)).rejects.toThrow());
});
