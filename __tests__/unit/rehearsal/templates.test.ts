import { describe, expect, test } from '@jest/globals';
import { withDummies } from '../../../src/rehearsal/templates.ts';

const change = (text: string, own: readonly string[] = [], delimiters: readonly [string, string] = ['{{', '}}']) =>
  withDummies(text, { where: 'the template x', own, delimiters });

test.each([
  ['{{ key "shop/motd" }}', '{{ "rehearsal-xxxxxxxxxxxxxxxxxxxxxx" }}'],
  ['{{ keyOrDefault "shop/level" "info" }}', '{{ or "" "info" }}'],
  ['{{ if keyExists "a/b" }}x{{ end }}', '{{ if true }}x{{ end }}'],
  ['{{ range service "blue.db@eu" }}{{ .Address }}{{ end }}', '{{ range nomadService "db" }}{{ .Address }}{{ end }}'],
  ['{{ range services }}{{ .Name }}{{ end }}', '{{ range nomadServices }}{{ .Name }}{{ end }}'],
  [
    '{{ with secret "kv/data/db" }}{{ .Data.data.port }}{{ end }}',
    '{{ with parseJSON "{\\"Data\\":{\\"port\\":\\"10000\\",\\"data\\":{\\"port\\":\\"10000\\"}}}" }}{{ .Data.data.port }}{{ end }}',
  ],
  [
    '{{ with nomadVar "nomad/jobs/other" }}{{ .user_email }}{{ end }}',
    '{{ with parseJSON "{\\"user_email\\":\\"rehearsal@rehearsal.invalid\\"}" }}{{ .user_email }}{{ end }}',
  ],
  [
    '{{ with nomadVar "a" }}{{ .port.Value }}{{ end }}',
    '{{ with parseJSON "{\\"port\\":{\\"Value\\":\\"10000\\"}}" }}{{ .port.Value }}{{ end }}',
  ],
])('%s has a stand-in', (text, expected) => {
  expect(change(text).text).toBe(expected);
  expect(change(text).replaced).toHaveLength(1);
});

describe('a text stays', () => {
  test.each([
    ['without calls', 'key "x" {{ env "NOMAD_PORT_http" }} {{ .Data }}'],
    ['of a service of Nomad', '{{ range nomadService "db" }}{{ .Port }}{{ end }}'],
    ['without an end', '{{ key "x"'],
    ['with a field of that name', '{{ .key "x" }}'],
  ])('%s', (_what, text) => {
    expect(change(text)).toEqual({ text, replaced: [] });
  });

  test('that reads a variable of this run', () => {
    const text = '{{ with nomadVar "nomad/jobs/shop" }}{{ .A }}{{ end }}';
    expect(change(text, ['nomad/jobs/shop']).text).toBe(text);
    expect(change(text, ['nomad/jobs/other']).text).not.toBe(text);
  });
});

test('own delimiters count', () => {
  expect(change('{{ key "a" }} [[ key "a" ]]', [], ['[[', ']]']).text).toBe('{{ key "a" }} [[ "rehearsal-xxxxxxxxxxxxxxxxxxxxxx" ]]');
});

test.each([
  '{{ range ls "a" }}{{ end }}',
  '{{ with caLeaf "web" }}{{ end }}',
  '{{ pkiCert "pki/issue/x" "common_name=a" }}',
  '{{ range nodes }}{{ end }}',
])('%s is refused with the reason', (text) => {
  expect(() => change(text)).toThrow(/the template x uses `\w+`, which only Consul or Vault/);
});
