import { expect, test } from '@jest/globals';
import type { SpecFile } from '../../../src/jobspec/index.ts';
import { writtenVolumes } from '../../../src/jobspec/index.ts';

const spec = (text: string, more: Partial<SpecFile> = {}): SpecFile => ({
  ...{ name: 'project.nomad', builtIn: false, format: 'hcl', template: false, fragments: {} },
  text,
  ...more,
});
const volume = (body: string): string => `job "a" {\n  group "g" {\n    volume "data" {\n${body}\n    }\n  }\n}\n`;

test.each<[string, string, string[]]>([
  ['none', 'job "a" {}', []],
  ['a host volume', volume('type = "host"\nsource = "shop-data"'), ['host_volume "shop-data" write']],
  ['one that is read', volume('type = "host"\nsource = "certs"\nread_only = true'), ['host_volume "certs" read']],
  ['a CSI volume', volume('type = "csi"\nsource = "shop"\nattachment_mode = "file-system"'), ['csi-mount-volume', 'plugin:read']],
  ['a source that is an expression', volume('type = "host"\nsource = "${var.volume}"'), []],
  ['a mount, which is no volume', 'job "a" { group "g" { task "t" { volume_mount { volume = "data" } } } }', []],
])('a spec with %s', (_name, text, rights) => expect(writtenVolumes(spec(text), {})).toEqual(rights));

test.each<[string, Record<string, string>, string[]]>([
  ['a line each', { HOST_VOLUMES: 'data:/data\ncerts:/certs:ro' }, ['host_volume "data" write', 'host_volume "certs" read']],
  [
    'a list',
    { HOST_VOLUMES: '["data:/data"]', CSI_VOLUMES: 'shop:/shop' },
    ['host_volume "data" write', 'csi-mount-volume', 'plugin:read'],
  ],
  ['a mistake, which the renderer refuses', { HOST_VOLUMES: 'data' }, []],
])('the built-in template with %s', (_name, given, rights) => {
  expect(writtenVolumes(spec('', { builtIn: true }), given)).toEqual(rights);
});
