import { describe, expect, test } from '@jest/globals';
import { compose } from '../../../src/jobspec/fragments.ts';
import { escapeFor, valueProblem, withOwnPlaces } from '../../../src/jobspec/value-problem.ts';

// The messages are those of Nomad 1.11.3.
const JOB = `job "shop" {
  group "web" {
    count = var.replicas
  }
}
`;
const VARS = `# of the team
variable "tier" {
  type = string
  validation {
    condition     = contains(["small", "large"], var.tier)
    error_message = "The tier is small or large."
  }
}
variables {
  motd = "hello"
  replicas = 2
}
`;
const composition = compose([
  { text: JOB, from: { file: 'deploy/project.nomad', line: 1 } },
  { text: VARS, from: { file: 'deploy/vars.nomad', line: 1 } },
]);
const BROKEN_RULE = `Invalid value for varfile variable; The tier is small or large.\n\nThis was checked by the validation rule at input.hcl:9,3-13.`;
const told = (message: string, line: number | undefined, sources: Readonly<Record<string, string>>) =>
  valueProblem({ message, line, column: 9 }, composition, { values: { tier: 'huge', replicas: 'x' }, sources });

describe('a value that the cluster refuses is told with its variable, its source and its place', () => {
  test.each([
    ['NOMAD_VAR_tier', { file: 'deploy/vars.nomad', line: 4, column: 3 }],
    ['vars', { file: 'deploy/vars.nomad', line: 4, column: 3 }],
    ['env/prod.hcl:7', { file: 'env/prod.hcl', line: 7 }],
    ['nomad-deploy.yml:3 of main', { file: 'deploy/vars.nomad', line: 4, column: 3 }],
  ])('by a validation rule, from %s', (source, location) =>
    expect(told(BROKEN_RULE, 1, { tier: source })).toEqual({
      text: `deploy/vars.nomad:4:3: variable tier (${source}): The tier is small or large.`,
      location,
    }),
  );
  test('by the rule of a default', () =>
    expect(told(BROKEN_RULE.replace('varfile', 'default'), 9, {})?.text).toBe(
      'deploy/vars.nomad:4:3: variable tier (its default): The tier is small or large.',
    ));
  test('by its type', () =>
    expect(
      told(
        "Invalid value for variable; The value for replicas is not compatible with the variable's type constraint: a number is required.",
        1,
        {
          replicas: 'NOMAD_VAR_replicas',
        },
      ),
    ).toEqual({
      text: 'deploy/vars.nomad:11:3: variable replicas (NOMAD_VAR_replicas): the value does not have the declared type: a number is required.',
      location: { file: 'deploy/vars.nomad', line: 11, column: 3 },
    }));
  test('where a rule cannot be computed with it', () =>
    expect(told('Error in function call; Call to function "regex" failed: pattern did not match.', 9, { tier: 'vars' })).toMatchObject({
      text: 'deploy/vars.nomad:4:9: Error in function call; Call to function "regex" failed: pattern did not match. (var.tier has its value from vars)',
      location: { file: 'deploy/vars.nomad', line: 4 },
    }));
  test('where the spec uses it', () =>
    expect(told('Unsuitable value type; Unsuitable value: a number is required', 3, { replicas: 'vars' })).toEqual({
      text: 'deploy/project.nomad:3:9: Unsuitable value type; Unsuitable value: a number is required. (var.replicas has its value from vars)',
      location: { file: 'deploy/project.nomad', line: 3, column: 9 },
    }));
  test('where the spec uses it by a local value', () => {
    const text = 'locals {\n  n = var.replicas\n}\njob "shop" {\n  priority = local.n\n}\n';
    const message = 'Unsuitable value type; Unsuitable value: a number is required';
    const chosen = { values: { replicas: 'x' }, sources: { replicas: 'vars' } };
    expect(valueProblem({ message, line: 5, column: 3 }, compose([{ text, from: { file: 'web.nomad', line: 1 } }]), chosen)?.text).toBe(
      `web.nomad:5:3: ${message}. (var.replicas has its value from vars)`,
    );
  });
});

test.each([
  ['Unsupported argument; An argument named "cuont" is not expected here.', 3],
  ['Unsuitable value type; Unsuitable value: a number is required', 2],
  ['Unset variable "x"; A used variable must be set or have a default value', undefined],
  ['Duplicate variable; Duplicate replicas variable definition found.', 11],
  ['Invalid type specification; The list type constructor requires one argument specifying the element type.', 11],
])('a problem of the spec alone is none of a value: %s', (message, line) =>
  expect(told(message, line, { replicas: 'vars' })).toBeUndefined(),
);

test.each([
  ['checked by the rule at input.hcl:9,3-13.', 'checked by the rule at deploy/vars.nomad:4.'],
  ['see stdin:3,1-8, and input.hcl', 'see deploy/project.nomad:3, and web.nomad'],
  ['defined at input.hcl:99,1-4', 'defined at web.nomad'],
  ['from input.hcl:2,1-3,2 on', 'from deploy/project.nomad:2 on'],
])('%s names files that the user has', (text, expected) => expect(withOwnPlaces(text, composition.locate, 'web.nomad')).toBe(expected));

// The messages are those of Nomad 1.11.3 for each line.
describe('a text of another language is told how it is escaped', () => {
  const env = (line: string): string =>
    `job "x" {\n  group "g" {\n    task "t" {\n      env {\n        A = "${line}"\n      }\n    }\n  }\n}\n`;
  const config = (line: string): string => env(line).replace('env {', 'config {');
  const colon = "Extra characters after interpolation expression; Template interpolation doesn't expect a colon at this location.";
  test.each<[string, string, string, string]>([
    ['a default', colon, env('${X:-1}'), ' Write `$${` for a `${` that is meant for the task itself.'],
    [
      'a default in a config, which the node reads once more',
      colon,
      config('${X:-1}'),
      ' Write `$$${` for a `${` that is meant for the task itself.',
    ],
    [
      'a format',
      'Invalid template control keyword; "http_code" is not a valid template control keyword.',
      env('%{http_code}'),
      ' Write `%%{` for a `%{` that is meant for the task itself.',
    ],
    [
      'a format in a config',
      'Invalid template control keyword; "x" is none',
      config('%{x}'),
      '. Write `%%%{` for a `%{` that is meant for the task itself.',
    ],
    [
      'both',
      'Invalid expression; Expected the start of an expression',
      env('${X%%.*} %{x}'),
      '. Write `$${` for a `${` and `%%{` for a `%{` that is meant for the task itself.',
    ],
    ['a mistake with a variable', 'Unsupported attribute; This object does not have an attribute named "none".', env('${var.none}'), ''],
    ['what is escaped already', 'Invalid expression; x', env('$${X} %%{y}'), ''],
    ['another mistake', 'Unsupported argument; An argument named "A" is not expected here.', env('${X:-1}'), ''],
  ])('%s', (_what, message, text, advice) => expect(escapeFor({ message, line: 5, column: 1 }, text)).toBe(advice));
  test('is no matter where a variable of the spec is the mistake, and another text stands beside it', () => {
    const message = 'Unsupported attribute; This object does not have an attribute named "none".';
    expect(escapeFor({ message, line: 5, column: 28 }, env('${NOMAD_PORT_a} ${var.none}'))).not.toBe('');
    expect(escapeFor({ message, line: 5, column: 37 }, env('${NOMAD_PORT_a} ${var.none}'))).toBe('');
  });
  test.each([
    [
      'count = {{ count }}',
      'Missing key/value separator; Expected an equals sign ("=") to mark the beginning of the attribute value.',
      '{{ count }}',
    ],
    ['count = {{ count | default(1) }}', 'Unsupported operator; Bitwise operators are not supported.', '{{ count | default(1) }}'],
    [
      'count = <%= count %>',
      'Invalid expression; Expected the start of an expression, but found an invalid expression token.',
      '<%= count %>',
    ],
    ['count = ${count}', 'Invalid character; This character is not used within the language.', '${count}'],
    ['count = $COUNT', 'Invalid character; This character is not used within the language.', '$COUNT'],
    ['count = @COUNT@', 'Invalid character; This character is not used within the language.', '@COUNT@'],
    [
      '%{ for one in list }',
      'Argument or block definition required; An argument or block definition is required here.',
      '%{ for one in list }',
    ],
    ['{% if x %}', 'Argument or block definition required; An argument or block definition is required here.', '{% if x %}'],
  ])('what another program was to replace is no text to escape: %s', (line, message, word) =>
    expect(escapeFor({ message, line: 2, column: 1 }, `job "x" {\n  ${line}\n}\n`)).toBe(
      ` \`${word}\` is a placeholder of another program: render the file first, or declare a variable and write \`var.NAME\`.`,
    ),
  );
  test('variables in a file that adds to a part of the job are told where they belong', () =>
    expect(
      escapeFor(
        { message: 'Unsupported block type; Blocks of type "variables" are not expected here.', line: 1, column: 1 },
        'variables {\n}\n',
      ),
    ).toBe(' Write the block in vars.nomad, or beside the `job` block of the spec.'));
  test('a comment may have all of them', () =>
    expect(escapeFor({ message: 'Unsupported argument; x.', line: 2, column: 3 }, 'job "x" {\n  cuont = "$X" # {{ x }} $X\n}\n')).toBe(''));
  test('a heredoc may have all of them', () =>
    expect(
      escapeFor(
        { message: 'Invalid expression; x.', line: 4, column: 1 },
        'job "x" {\n  meta {\n    a = <<EOF\n{{ $x }} ${#a[@]}\nEOF\n  }\n}\n',
      ),
    ).toBe(' Write `$${` for a `${` that is meant for the task itself.'));
  test.each([
    ['job "shop-${env}" {', ' A label takes no variable: write the id of the job, or set the input `job-name`.'],
    ['  group "g-${var.env}" {', ' A label takes no variable: write the name, or a `dynamic "group"` block with `labels`.'],
  ])('a label takes none: %s', (line, advice) =>
    expect(
      escapeFor(
        { message: 'Invalid string literal; Template sequences are not allowed in this string.', line: 1, column: 8 },
        `${line}\n}\n`,
      ),
    ).toBe(advice),
  );
  test('a label has nothing to escape', () =>
    expect(
      withOwnPlaces(
        'Invalid string literal; Template sequences are not allowed in this string. To include a literal "$", double it (as "$$") to escape it.',
        () => undefined,
        'web.nomad',
      ),
    ).toBe('Invalid string literal; Template sequences are not allowed in this string.'));
  test.each(['$', '%'])("the parser's other advice is, too: %s", (sign) =>
    expect(
      withOwnPlaces(
        `Extra characters; Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal sequence to be processed as part of another language? If so, you can escape it by starting with "${sign}${sign}{" instead of just "${sign}{".`,
        () => undefined,
        'web.nomad',
      ),
    ).toBe("Extra characters; Template interpolation doesn't expect a colon at this location."),
  );
  test("the parser's own advice is left out: it does not know that a driver's config is read twice", () =>
    expect(
      withOwnPlaces(
        'Extra characters after interpolation expression; Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis can happen when you include interpolation syntax for another language, such as shell scripting, but forget to escape the interpolation start token. If this is an embedded sequence for another language, escape it by starting with "$${" instead of just "${".',
        () => undefined,
        'web.nomad',
      ),
    ).toBe(
      'Extra characters after interpolation expression; Expected a closing brace to end the interpolation expression, but found extra characters.',
    ));
  test('a text that is not closed, on the line before', () =>
    expect(
      escapeFor({ message: 'Invalid multi-line string; Quoted strings may not be split.', line: 6, column: 1 }, env('${#arr[@]}')),
    ).toMatch(/\$\$\{/));
});
