// Further readers of texts from outside: configuration, templates, secrets, reports, and what programs and servers answer.
import { parseClaims } from '../../src/access/explain.ts';
import { exitWords } from '../../src/diagnose/exit.ts';
import { filtered } from '../../src/diagnose/filtered.ts';
import { failedScript } from '../../src/diagnose/template.ts';
import { readContext } from '../../src/github/context.ts';
import { readCompose } from '../../src/init/compose.ts';
import { readDockerfile } from '../../src/init/dockerfile.ts';
import { readWorkflow } from '../../src/init/workflows.ts';
import { parseConfig } from '../../src/inputs/config/config.ts';
import { readChecks } from '../../src/inputs/http-checks.ts';
import { unreadSecrets } from '../../src/inputs/secret-values.ts';
import { usesIn } from '../../src/inputs/workflows.ts';
import { fileCalls } from '../../src/jobspec/file-calls.ts';
import { refuseBrackets } from '../../src/jobspec/foreign.ts';
import { keyPlaces } from '../../src/jobspec/json-keys.ts';
import { evaluator } from '../../src/jobspec/offline/expressions.ts';
import { jobOfHcl } from '../../src/jobspec/offline/hcl-job.ts';
import { blocksOfJson } from '../../src/jobspec/offline/hcl-json.ts';
import { ignoresOf } from '../../src/jobspec/offline/ignores.ts';
import { hidingSecrets, hidingValues, namesSecret } from '../../src/jobspec/shown-values.ts';
import { renderTemplate } from '../../src/jobspec/template.ts';
import { escapeFor, withOwnPlaces } from '../../src/jobspec/value-problem.ts';
import { framesOf } from '../../src/nomad/frames.ts';
import { parseLossless } from '../../src/nomad/json.ts';
import { nomadsWords, socketRefusal } from '../../src/nomad/refusal.ts';
import { judgeSelector } from '../../src/nomad/selector.ts';
import { planDiff } from '../../src/plan/diff.ts';
import { renderSummary } from '../../src/report/summary/summary.ts';
import { webhookBody } from '../../src/report/webhook.ts';
import { neutral } from '../../src/runtime/door.ts';
import { plainText } from '../../src/runtime/plain.ts';
import { redactDeep, redactor } from '../../src/runtime/redact.ts';
import { secret } from '../../src/runtime/secret.ts';
import { secretForms } from '../../src/runtime/secret-forms.ts';
import { cutAt, widthOf } from '../../src/runtime/width.ts';
import { itemsRead } from '../../src/secrets/items.ts';
import { inWords } from '../../src/terminal/in-words.ts';
import { parseRemote } from '../../src/terminal/remote.ts';
import { columns } from '../../src/text/columns.ts';
import { splitWords } from '../../src/text/command-line.ts';
import { parseAssignments, readBlocks } from '../../src/text/hcl.ts';
import { syntaxProblem } from '../../src/text/hcl-syntax.ts';
import { parseLiteral } from '../../src/text/hcl-values.ts';
import { parseReference, registryIn } from '../../src/text/image-reference.ts';
import { isCutJson, mapTexts, textsIn } from '../../src/text/json.ts';
import { lineDiff, withContext } from '../../src/text/line-diff.ts';
import { lineSplitter } from '../../src/text/line-splitter.ts';
import { linesOf } from '../../src/text/lines.ts';
import { code, fenced, html, htmlCode, link, text as markdown, textBefore } from '../../src/text/markdown.ts';
import { nearest } from '../../src/text/nearest.ts';
import { hostProblem, slug } from '../../src/text/slug.ts';
import { yamlData } from '../../src/text/yaml.ts';
import type { Reader } from './readers.ts';

const SECRET = 'hunter2-Zq8!x"y\\z';
const redact = redactor([
  SECRET,
  'a-line\nanother-line\n-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQABAAABgQ',
  '{"user":"me","password":"s3cr3t-w0rd"}',
]);
const YAML = 'a: §- §[§{§{a: §&a §*a §"§\'§|\n §>§# §? §!!a §%§---\n§- *a\n§- &a a\n§a: b\n§\t§\n§ §<<: §: §,§\\'.split('§');
const PROSE =
  'a§ §\n§<§>§&§`§|§\\§*§_§[§](§@a§#1§http://a§www.§:a§:a:§abcdef1§\u001b[§\u001b]§\u200b§\u2028§```\n§$§1. §- §\u0301§\ud800§\r\n§é'.split(
    '§',
  );
const ENCODED =
  '%25§%§\\u§\\§\\\\§&amp;§&§&#§amp;§\'§""§aGVsbG8=§68656c§0x68§$§${§\u0000§h§hunter2§hunter§AAAAB3§=\n§s3cr3t§-§a-line\n§\u0301§e\u0301§\u0130'.split(
    '§',
  );
const JSONS = ['[', '{', '{"a":', '[{"a":', '"', '\\', ',', '1', '-', '1e', '[],', 'null', ' ', '"a",', '{"a":1},'];

/** Lists and objects that are opened by a text, with their ends. */
const nested = (text: string): string =>
  text +
  'null' +
  Array.from(text.matchAll(/[[{]/g), ([open]) => (open === '[' ? ']' : '}'))
    .toReversed()
    .join('');
/** Specs and jobs that are deeper are refused before. */
const DEEPEST = 1_000;
const NESTED = ['[', '{"a":', '[{"a":'];

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const edited = (old: string, next: string): unknown =>
  planDiff(
    {
      ...{ Type: 'Edited', Name: '' },
      Objects: [{ Type: 'Edited', Name: 'Template', Fields: [{ Type: 'Edited', Name: 'EmbeddedTmpl', Old: old, New: next }] }],
    },
    [],
    (same) => same,
  );
const spec = (text: string) => ({ text, locate: (line: number) => ({ file: 'a.nomad', line }) }) as never;

export const MORE_READERS: Readonly<Record<string, Reader>> = {
  'a configuration file': {
    read: async (text) => parseConfig(text, 'nomad-deploy.yml'),
    of: [...YAML, 'vars: ', 'branch: ', 'environments: {a: {', 'apps: {a: {paths: ['],
  },
  'names of a configuration file': {
    read: async (text) => parseConfig(text.replaceAll('\u0000', '\n'), 'nomad-deploy.yml'),
    of: ['a', 'nomad-adr', 'nomad-adr: b\u0000'],
  },
  'a Dockerfile': {
    read: (text) => readDockerfile({ name: 'Dockerfile', text: `FROM a\n${text.replaceAll('\u0000', '\n')}` }),
    of: [
      ...[
        'EXPOSE 1 ',
        'EXPOSE 80\u0000',
        'RUN <<A ',
        'RUN <<A\u0000',
        'RUN <<A\u0000A\u0000',
        'FROM a AS a\u0000',
        'a \\\u0000',
        '#\u0000',
      ],
      ...['ENV A=$A$A\u0000', 'ENV A=1 ', 'ENV A="', 'ENV A ', 'EXPOSE $A ', 'EXPOSE ${A:-${', 'HEALTHCHECK http://localhost:', '/a.'],
    ],
  },
  'a compose file': {
    read: async (text) => readCompose({ name: 'compose.yaml', text: `services: {a: {build: ., ${text}` }),
    of: [...YAML, 'ports: ["1:2",', 'environment: {A: b,', '<<: [{', 'depends_on: [a,', 'build: {args: ['],
  },
  'a workflow with scripts': {
    read: async (text) => readWorkflow({ name: 'a.yml', text: `jobs: {a: {steps: [{run: "${text.replaceAll('\u0000', '\\n')}"}]}}` }),
    of: [
      'nomad job run -var a=$B ',
      'nomad run a\u0000',
      'nomad run \\\\\u0000',
      "nomad run 'a",
      'nomad run ${{ a }}',
      'nomad run ${',
      '\\\\ ',
      'a;',
    ],
  },
  'the values of a YAML text': { read: async (text) => yamlData(text, 'core'), of: YAML },
  'aliases of aliases': {
    read: async (text) =>
      yamlData(
        Array.from(
          { length: Math.floor(text.length / 64) },
          (_, i) => `a${i}: &a${i} [${Array.from({ length: 8 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(', ')}]\n`,
        ).join(''),
      ),
    of: ['a'],
  },
  'one alias many times': {
    read: async (text) => parseConfig(`vars: &a {A: b}\nenvironments:\n${text.replaceAll('x', '  a: *a\n')}`, 'nomad-deploy.yml'),
    of: ['x'],
  },
  'a selector of a binding rule': {
    read: (text) => judgeSelector(text, { value: { a: 'b' }, list: { c: ['d'] } }),
    of: ['value.a', ' == ', '"b"', ' and ', ' or ', 'not ', '(', ')', ' in ', 'list.c', '`', '"', '\\', ' is empty', ' matches ', ' '],
  },
  'claims of a refused login': {
    read: parseClaims,
    of: ['a=b\n', '{', '"a":', '[', '2026-01-01T00:00:00Z ', '=', ' ', '\n', '\r', 'a', '(none)'],
  },
  'a workflow that uses the action': {
    read: async (text) => {
      const read = await yamlData(text);
      return usesIn('a.yml', 'data' in read ? read.data : undefined);
    },
    of: [...YAML, 'jobs: {a: {', 'steps: [', '{uses: a/nomad-deploy@v1, ', 'with: {lock: ', 'env: {NOMAD_SECRET_A: ', '}', ']'],
  },
  'checks of the input verify': {
    read: async (text) => readChecks(text, secret, []),
    of: [...YAML, '/a\n', 'http://a\n', '- path: /a\n', '- url: http://', '- for: 1s\n'],
  },
  'a template of Handlebars': {
    read: async (text) => renderTemplate(text, { a: 'b', list: [1, 2] }, 'a.hbs'),
    of: [
      '{',
      '{{',
      '{{{',
      '{{{{',
      '{{a}}',
      '{{#if a}}',
      '{{#each list}}',
      '{{/if}}',
      '{{!--',
      '{{~',
      '}}',
      '\\',
      '\\{{',
      '(',
      '{{hcl (',
      '{{a.',
      '{{"',
      '{{[',
      '{{a a=',
      '\n',
      'a',
      '{{else}}',
      '{{> a}}',
      '{{slug a}}',
      '{{/',
    ],
  },
  'secrets in maps that are not read': {
    read: (text) => unreadSecrets({ INPUT_SECRETS: text, NOMAD_SECRETS: text, NOMAD_BUILD_SECRETS: text }),
    of: ['a', ': "', ':"\\', '"', '\\', ' ', '}', ',', '=', '\n', 'a=', ': "a"'],
  },
  'a text with secrets': { read: redact, of: [...ENCODED, ...PROSE] },
  'the forms of a secret': {
    read: secretForms,
    of: [...ENCODED, 'a\n', ':', '//', 'a:b@', 'password=', '{"a":"b",', '-----BEGIN A-----\n'],
  },
  'JSON with secrets': { read: (text) => redactDeep(JSON.parse(nested(text.slice(0, DEEPEST))), redact), of: NESTED },
  'a line for the runner': { read: neutral, of: [':', '::', ' ', '\n', '##[', '#', '\u200b', '\u0301', '\uff1a', '\u00a0', '\u2028'] },
  'a text for a terminal': {
    read: (text) => [plainText(text), widthOf(text), cutAt(text, 80), inWords(text)],
    of: [...PROSE, ' in the workflow', 'the input `', 'Add docker/login-action', '`a`', ' of the workflow job'],
  },
  'a text as Markdown': {
    read: (text) => [
      markdown(text),
      code(text),
      html(text),
      htmlCode(text),
      link(text, `http://a/${text}`),
      fenced([text]),
      textBefore(`${text} http://a`, 'http://a'),
    ],
    of: PROSE,
  },
  'the parts of a summary': {
    read: (whole) => {
      // Beyond 1 MiB, a summary is rendered again for each step of its limits, which is a step of the work and no growth.
      const text = whole.slice(0, whole.length / 4);
      const told = { name: text, node: text, status: text, events: [{ timeMs: 0, task: text, type: text, message: text }] };
      const checks = [{ name: text, service: text, status: text, output: text }];
      const logs = [{ task: text, stream: 'stdout', lines: text.split('\n') }];
      return renderSummary({
        outcome: 'failed',
        cause: text,
        hint: text,
        evidence: [{ allocationId: 'a1', ...told, checks, logs }],
      } as never);
    },
    of: PROSE,
  },
  'the body of a web hook': { read: (text) => webhookBody({ outcome: 'failed', cause: text, hint: text } as never), of: PROSE },
  'a command line': {
    read: (text) => splitWords(text, { IMAGE: 'a' }),
    of: ['a', ' ', "'", '"', '\\', '\\\n', '$', '$IMAGE', '${', "''", '" "', 'a '],
  },
  'columns of a table': {
    read: (text) =>
      columns(
        ['a'],
        text.split('\n').map((cell) => [cell]),
      ),
    of: ['a', ' ', '\n', 'a\n', '\t', '\u0001'],
  },
  'a value of HCL or JSON': { read: parseLiteral, of: [...JSONS, '<<A\n', '${', 'a = ', '{ a = ', '"${', '\\U', '\\U0001F600', '$${'] },
  'the syntax of HCL': {
    read: syntaxProblem,
    of: ['a {\n', 'a = ', 'a = [', '[', '(', '{', 'a = 1\n', '-', '!', '${', '"${a', '"', 'a.b', 'a ? ', '}\n', 'for '],
  },
  'a job of HCL without Nomad': {
    read: (text) => {
      const root = readBlocks(`job "a" {\ngroup "g" {\ntask "t" {\n${text}\n}\n}\n}\nlocals {\n${text}\n}\n`);
      return jobOfHcl(root, evaluator(root, [], {}));
    },
    of: [
      'config {\n',
      'env {\n',
      'a = local.a\n',
      'env = {\n',
      'service {\n}\n',
      'dynamic "service" {}\n',
      'driver = "${',
      'user = [',
      '"',
    ],
  },
  'HCL in JSON': { read: (text) => blocksOfJson(`{"job":{"a":{"group":${nested(text)}}}}`), of: ['[', '{"a":', '[{"task":', '{"a":1},'] },
  'comments that switch lints off': {
    read: (text) => [ignoresOf(spec(text), 'hcl').covers('a', 1), ignoresOf(spec(text), 'yaml').covers('a', 1)],
    of: ['# nomad-deploy:ignore a\n', '/* nomad-deploy:ignore a */', ' a: # nomad-deploy:ignore a\n', '{ # nomad-deploy:ignore a\n'],
  },
  'the keys of a JSON text': { read: keyPlaces, of: JSONS },
  'JSON with long numbers': { read: parseLossless, of: JSONS },
  'the texts of nested JSON': {
    read: (text) => [
      textsIn(JSON.parse(nested(text.slice(0, DEEPEST)))),
      mapTexts(JSON.parse(nested(text.slice(0, DEEPEST))), (same) => same),
    ],
    of: NESTED,
  },
  'lossless nested JSON': { read: (text) => parseLossless(nested(text)), of: NESTED },
  'an event of nested values': {
    read: (text) => readContext({ GITHUB_REPOSITORY: 'a/b', GITHUB_REF_NAME: 'a', GITHUB_SHA: 'a' }, JSON.parse(nested(text))),
    of: NESTED,
  },
  'nested JSON of a spec': { read: (text) => keyPlaces(nested(text)), of: NESTED },
  'an answer that may be cut': { read: isCutJson, of: [' ', '[', 'n', 'null'] },
  'words of Nomad': {
    read: (text) => [nomadsWords(text), socketRefusal({ status: 400, text }, 'http://a')],
    of: [...PROSE, 'rpc error: code = Unknown desc = ', 'Unexpected response code: 500 (', '1 error occurred:\n\t* '],
  },
  'nested code of a spec': { read: (text) => fileCalls(`a = "${text}"`, {}), of: ['${a}', '${', '${"', '%{ if a }', '$'] },
  'the words of a spec that is not HCL': { read: (text) => fileCalls(`§ ${text}`, {}), of: ['file ', 'file(', 'fileset ', '"'] },
  'a heredoc': { read: (text) => parseLiteral(`<<-A\n${text}\nA\n`), of: ['\n', ' a\n', ' ', '$${', '%%{'] },
  'a variable file of nested values': {
    read: (text) => parseAssignments(`a = ${text}`),
    of: ['[', '{a=', '(', '"${', '1 + ', '-', '!', '[1, ', 'a[', 'a.', '? '],
  },
  'the frames of a log': {
    read: async (text) => {
      for await (const _frame of framesOf(once(text)));
    },
    of: ['{', '}', '{}', '{"a":"', '{"a":"}', '"', '\\', '{"Data":"YQ=="}', '{{}', 'a'],
  },
  'a log in lines': { read: (text) => [lineSplitter(64 * 1024).push(Buffer.from(text))], of: ['a', '\n', 'a\n', '\r\n', '\r'] },
  'two texts that differ': {
    read: (text) => withContext(lineDiff(text, text.replaceAll('a', 'b')), 2),
    of: ['a\n', '\n', 'a', 'c\n', 'a\nc\n', '\r\n'],
  },
  'an edited template': {
    read: (text) => edited(text, text.replaceAll('a', 'b')),
    of: ['a\n', 'a=b\n', 'pass = a\n', 'a\nc\n', '{{a}}\n', 'a'],
  },
  'a removed template': { read: (text) => edited(text, ''), of: ['a\n', 'a=b\n', '\n', 'a'] },
  'a name that may be misspelt': { read: (text) => nearest(text, ['nomad-addr', 'image', 'a'.repeat(200)]), of: ['a', '-', 'nomad'] },
  'a slug': { read: (text) => [slug(text), hostProblem(text)], of: ['a', '-', '/', '.', 'A-', 'é', '\u0130', '_'] },
  'a reference of an image': {
    read: (text) => [parseReference(text), registryIn(text), parseReference(`a/${text}`)],
    of: ['a', '/', ':', '@', '-', '_', '.', '__', 'a/', 'a-', 'sha256:', 'a.', '1', ':1'],
  },
  'the address of a remote': { read: parseRemote, of: ['a', '/', ':', '@', 'git@', '.git', 'ssh://', 'a/'] },
  'a message of a parser': {
    read: (text) => [
      withOwnPlaces(text, (line) => ({ file: 'a', line }), 'a'),
      escapeFor({ message: text, line: 1, column: 1 }, text),
      escapeFor({ message: 'Invalid expression', line: 1, column: 3 }, text),
    ],
    of: [
      'input.hcl:1',
      'input.hcl:1,1-2',
      ' ',
      'a',
      '"',
      '${',
      '%{',
      '{{',
      '{%',
      '<%',
      'To include a literal "$"',
      'This can happen when you include interpolation syntax for another language',
      '\n',
      'config {',
      '<<A\n',
    ],
  },
  'brackets of other programs': {
    read: (text) => refuseBrackets(spec(text)),
    of: ['[[', '[[a', '[[ a ]]', ']]', '{', 'a = "[[', '[', 'left_delim = ', '/*'],
  },
  'shown values of variables': {
    read: (text) => hidingValues([{ name: 'a', value: 'hunter2', source: 'b' }], redact)(text),
    of: ['hunter2', ' ', '"', 'a', ', ', '→ ', ': '],
  },
  'shown secrets of variables': {
    read: (text) => hidingSecrets([{ name: 'password', value: text, source: 'b' }], redact)(text),
    of: ['a', '[', '"', ',', '=', 'ab '],
  },
  'a name of a secret': { read: namesSecret, of: ['a', '_', 'Key', 'password', 'A', '1', '-'] },
  'items that a template reads': {
    read: itemsRead,
    of: ['{', '{{', '{{ with nomadVar "', '{{ .a }}', '.a', 'nomadVar ', '"', '}}', '{{ with ', '(', ' '],
  },
  'an event of a task': {
    read: (text) => [
      exitWords({ Type: 'Terminated', DisplayMessage: text, Details: { oom_killed: text, exit_code: '1' } } as never),
      failedScript({ DisplayMessage: `Template ran script ${text}` } as never),
    ],
    of: ['a', ' ', ' with arguments [', '] on change', ': ', ' Exit code: 1', ' but it exited with code: 1', '1', 'Exit Code: ', '\n'],
  },
  'words of a filter': {
    read: (text) => filtered(text, 1, {} as never),
    of: ['a', '${attr.', '}', ' = ', 'missing ', 'constraint', '"', ' ', 'computed class '],
  },
  'the offsets of a text': {
    read: (text) => {
      const place = linesOf(text);
      for (let at = 0; at < text.length; at += 16) place(at);
    },
    of: ['\n', 'a\n', 'a', '\r\n'],
  },
  'the event of the runner': {
    read: (text) =>
      readContext(
        { GITHUB_REPOSITORY: `acme/${text}`, GITHUB_REF_NAME: text, GITHUB_SHA: text, GITHUB_REF: `refs/heads/${text}` },
        { pull_request: { head: { ref: text } } },
      ),
    of: ['a', '/', '-', '\n', '.'],
  },
};
