import { describe, expect, test } from '@jest/globals';
import { unwrittenKeys } from '../../../src/jobspec/consul-keys.ts';
import type { SpecFile } from '../../../src/jobspec/types.ts';

const BUILT_IN: SpecFile = { name: 'built-in template', text: '', builtIn: true, format: 'hcl', template: true, fragments: {} };
const OWN: SpecFile = { ...BUILT_IN, name: 'project.nomad', builtIn: false, template: false };
const task = (data: string): string =>
  `task "worker" {\n  driver = "docker"\n  template {\n    data = ${data}\n    destination = "secrets/kv.env"\n  }\n}\n`;
const heredoc = (line: string): string => task(`<<EOH\nA=1\n${line}\nEOH`);

describe('a template that reads the key of the job in Consul', () => {
  test.each([
    '{{ key "NOMAD_VAR_SLUG" }}',
    '{{key "NOMAD_VAR_SLUG"}}',
    '{{- key "NOMAD_VAR_SLUG" -}}',
    '{{ with key "NOMAD_VAR_SLUG" }}x{{ end }}',
    '{{ keyOrDefault "NOMAD_VAR_SLUG" "" }}',
    '{{ if keyExists "NOMAD_VAR_SLUG/db" }}x{{ end }}',
    '{{ range ls "NOMAD_VAR_SLUG" }}{{ end }}',
    '{{ key "${var.SLUG}" }}',
    '{{ key (env "NOMAD_JOB_NAME") }}',
    '{{ key "acme-shop" }}',
    '{{ with $d := key "NOMAD_VAR_SLUG" | parseJSON }}{{ end }}',
  ])('is told with its line: %s', (line) => {
    const [warning, ...more] = unwrittenKeys(
      { ...BUILT_IN, fragments: { group: { name: 'group.nomad', text: heredoc(line) } } },
      'acme-shop',
    );
    expect(more).toEqual([]);
    expect(warning).toBe(
      'group.nomad:6: the template reads the Consul key of the job, which no deploy writes any more. For the secrets, write `data = var.SECRETS_TEMPLATE` and `env = true` (docs/migrating-from-internetarchive.md#secrets)',
    );
  });

  test('is told in each file', () => {
    const quoted = task('"{{ key \\"NOMAD_VAR_SLUG\\" }}"');
    const fragments = {
      job: { name: 'app/job.nomad', text: `group "x" {\n${quoted}}\n` },
      group: { name: 'app/group.nomad', text: quoted },
    };
    const found = unwrittenKeys({ ...OWN, text: heredoc('{{ key "NOMAD_VAR_SLUG" }}'), fragments }, 'acme-shop');
    expect(found.map((line) => line.split(': ')[0])).toEqual(['project.nomad:6', 'app/job.nomad:5', 'app/group.nomad:4']);
    expect(found[0]).toContain('declare `variable "SECRETS_TEMPLATE" { type = string }`');
  });

  test.each([
    ['of another key', heredoc('{{ key "config/shop" }}')],
    ['of a key whose name only begins as the job', heredoc('{{ key "acme-shop-config/db" }}')],
    ['of a Nomad variable', heredoc('{{ with nomadVar "nomad/jobs/acme-shop" }}{{ end }}')],
    ['in a comment', '# {{ key "NOMAD_VAR_SLUG" }}\ntype = "service"\n'],
    ['of a service', heredoc('{{ range service "acme-shop" }}{{ end }}')],
    ['in words', heredoc('the key of acme-shop')],
  ])('is none %s', (_what, text) =>
    expect(unwrittenKeys({ ...BUILT_IN, fragments: { group: { name: 'group.nomad', text } } }, 'acme-shop')).toEqual([]),
  );
});
