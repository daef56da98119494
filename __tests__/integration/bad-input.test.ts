import { describe, expect, test } from '@jest/globals';
import { cluster, deploy, server, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

const good = spec('refused', { command: 'exec sleep 1000' });
const { address } = parts().registry;

/** What is refused, by whom it is told, and where. */
const table: readonly (readonly [
  string,
  Parameters<typeof deploy>[0],
  { reason: string; message: RegExp; file?: string; line?: number },
])[] = [
  [
    'a syntax error in the HCL',
    { files: { 'job.hcl': good.replace('min_healthy_time  =', 'min_healthy_time  ==') }, inputs: { job: 'job.hcl' } },
    { reason: 'jobspec-invalid', message: /^job\.hcl:8:\d+: .*equals sign/, file: 'job.hcl', line: 8 },
  ],
  [
    'an attribute that Nomad does not know',
    { files: { 'project.nomad': good.replace('auto_revert', 'auto_rewert') } },
    { reason: 'jobspec-invalid', message: /auto_rewert/, file: 'project.nomad', line: 11 },
  ],
  [
    'a variable without a value',
    { files: { 'project.nomad': `variable "tier" {\n  type = string\n}\n${good}` } },
    { reason: 'input-invalid', message: /variable "tier" has no value: set NOMAD_VAR_tier/, file: 'project.nomad', line: 1 },
  ],
  [
    'a variable of the wrong type',
    { files: { 'project.nomad': `variable "ports" {\n  type = list(number)\n}\n${good}` }, env: { NOMAD_VAR_ports: '[1, 2' } },
    { reason: 'input-invalid', message: /NOMAD_VAR_ports.*comma or the end of the list/ },
  ],
  ...(
    [
      [
        'in the workflow',
        { inputs: { vars: 'tier=huge' } },
        /^project\.nomad:3:3: variable tier \(vars\): The tier is small\.$/,
        'project.nomad',
        3,
      ],
      [
        'in a variable file',
        { inputs: { 'var-files': 'prod.hcl' } },
        /^project\.nomad:3:3: variable tier \(prod\.hcl:2\): The tier/,
        'prod.hcl',
        2,
      ],
    ] as const
  ).map(
    ([where, options, message, file, line]) =>
      [
        `a value ${where} that breaks a rule of the spec`,
        {
          files: {
            'prod.hcl': '# production\ntier = "huge"\n',
            'project.nomad': `variable "tier" {\n  type = string\n  validation {\n    condition     = var.tier == "small"\n    error_message = "The tier is small."\n  }\n}\n${good}`,
          },
          ...options,
        },
        { reason: 'jobspec-invalid', message, file, line },
      ] as const,
  ),
  [
    'a value of the wrong type inside',
    {
      files: { 'project.nomad': `${good}\nvariable "ports" {\n  type = list(object({ number = number }))\n}\n` },
      env: { NOMAD_VAR_ports: '["http"]' },
    },
    {
      reason: 'jobspec-invalid',
      message:
        /^project\.nomad:\d+:1: variable ports \(NOMAD_VAR_ports\): the value does not have the declared type: element 0: object required/,
      file: 'project.nomad',
    },
  ],
  [
    'a value that only the servers refuse',
    {
      files: {
        'project.nomad': `${good.replace('type = "service"', 'type = var.kind')}\nvariable "kind" {\n  type = string\n}\n`,
      },
      env: { NOMAD_VAR_kind: 'srvice' },
    },
    {
      reason: 'jobspec-invalid',
      message: /^Nomad refuses the job \S+: Invalid job type: "srvice" \(var\.kind has its value from NOMAD_VAR_kind\)/,
      file: 'project.nomad',
    },
  ],
  [
    'a value of the wrong type, for a spec that reads files',
    {
      files: {
        note: 'x',
        'project.nomad': `${good.replace('group "g" {', 'meta {\n    note = file("note")\n  }\n  group "g" {')}\nvariable "ports" {\n  type = list(object({ number = number }))\n}\n`,
      },
      env: { NOMAD_VAR_ports: '["http"]' },
    },
    {
      reason: 'jobspec-invalid',
      message:
        /^project\.nomad:\d+:1: variable ports \(NOMAD_VAR_ports\): the value does not have the declared type: element 0: object required/,
      file: 'project.nomad',
    },
  ],
  [
    'a job that the servers refuse',
    { files: { 'project.nomad': good.replace('auto_revert       = true', 'max_parallel = -1') } },
    { reason: 'jobspec-invalid', message: /^Nomad refuses the job refused: .*Task group g/, file: 'project.nomad' },
  ],
  [
    'a namespace that does not exist',
    { files: { 'project.nomad': good }, inputs: { 'nomad-namespace': 'nowhere' } },
    { reason: 'jobspec-invalid', message: /nonexistent namespace "nowhere"/ },
  ],
  [
    'a wrong token',
    { files: { 'project.nomad': good }, acl: true, inputs: { 'nomad-token': '6dc8c1e5-0f5c-4a3c-9f0b-3a2ad5a9a1f1' } },
    {
      reason: 'permission-denied',
      message:
        /answered 403: Permission denied\. The token is unknown to this cluster, or has expired: .* `parse-job` in the namespace `default`\. Policy: `namespace "default" \{ capabilities = \["parse-job"\] \}/,
    },
  ],
  [
    'no token where one is needed',
    { files: { 'project.nomad': good }, acl: true, inputs: { 'nomad-token': '' } },
    { reason: 'permission-denied', message: /There is no token: set `nomad-token`/ },
  ],
  [
    'an address where nobody listens',
    { files: { 'project.nomad': good }, inputs: { 'nomad-addr': 'http://127.0.0.1:9' } },
    { reason: 'unreachable', message: /^cannot reach Nomad at http:\/\/127\.0\.0\.1:9 .*: connection refused\. Check `nomad-addr`/ },
  ],
  [
    'an address of something else',
    { files: { 'project.nomad': good }, inputs: { 'nomad-addr': `http://${address}` } },
    { reason: 'nomad-refused', message: /answered 404 to POST \/v1\/jobs\/parse/ },
  ],
  [
    'a Dockerfile that is missing',
    { files: {}, inputs: { build: 'true' }, env: { GITHUB_REPOSITORY: 'Acme/Refused' } },
    { reason: 'input-invalid', message: /there is no Dockerfile in the workspace\. Check that the repository is checked out/ },
  ],
  [
    'a command that fails in the build',
    { files: { Dockerfile: 'FROM busybox:1.37\nRUN echo fine\nRUN exit 9\n' }, env: { GITHUB_REPOSITORY: 'Acme/Refused' } },
    { reason: 'build-failed', message: /^Dockerfile:3: the image could not be built: .*exit code: 9/, file: 'Dockerfile', line: 3 },
  ],
  [
    'an instruction that does not exist',
    {
      files: { 'app/Dockerfile': 'FROM busybox:1.37\n\nRUNN true\n' },
      inputs: { context: 'app' },
      env: { GITHUB_REPOSITORY: 'Acme/Refused' },
    },
    { reason: 'build-failed', message: /^app\/Dockerfile:3: .*unknown instruction: RUNN/, file: 'app/Dockerfile', line: 3 },
  ],
  [
    'a wrong password of the registry',
    { files: { Dockerfile: server('x') }, inputs: { 'registry-password': 'wrong-password' }, env: { GITHUB_REPOSITORY: 'Acme/Refused' } },
    { reason: 'registry-denied', message: /refused the login as ci: .*401.* Set `registry-username`/ },
  ],
  [
    'a push without a login',
    { files: { Dockerfile: server('x') }, inputs: { 'registry-password': '' }, env: { GITHUB_REPOSITORY: 'Acme/Refused' } },
    { reason: 'registry-denied', message: /^the push of .*\/acme\/refused was refused: .*credentials/ },
  ],
];

describe('refused with one sentence, before anything is registered', () => {
  test.each(table)('%s', async (_name, options, { reason, message, file, line }) => {
    const { token, address: withAcls } = parts().nomadWithAcls;
    const result = await deploy(options);
    const errors = result.annotations.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(message),
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    });
    expect(errors[0]?.message).not.toContain('\n');
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': reason, environment: 'main', 'nomad-addr': expect.any(String) },
    });
    expect(result.log).not.toMatch(/^\s+at .*:\d+:\d+/m);
    for (const job of ['refused', 'acme-refused']) {
      expect((await cluster.job(job))?.ID).toBeUndefined();
      expect((await cluster.job(job, { address: withAcls, token }))?.ID).toBeUndefined();
      expect((await cluster.variable(job))?.ModifyIndex).toBeUndefined();
    }
  });
});
