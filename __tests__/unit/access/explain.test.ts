import { describe, expect, test } from '@jest/globals';
import { explainLogin, parseClaims } from '../../../src/access/index.ts';
import { claimsOf, unmatched } from '../../../src/target/index.ts';

const METHOD = {
  ...{ Name: 'github', Type: 'JWT', TokenLocality: 'local', MaxTokenTTL: '15m0s', TokenNameFormat: '' },
  Config: {
    BoundIssuer: ['https://token.actions.githubusercontent.com'],
    BoundAudiences: ['nomad.example.com'],
    ClaimMappings: { repository_id: 'repository_id', ref: 'branch' },
    ListClaimMappings: { groups: 'groups' },
  },
};
const rule = (Selector: string, BindName = 'deploy', BindType = 'role') => ({
  ...{ ID: '7d069073-db78-474f-5ff1-e377fc4b7c6b', Description: '', AuthMethod: 'github' },
  ...{ Selector, BindType, BindName },
});
const CLAIMS = { iss: 'https://token.actions.githubusercontent.com', aud: 'nomad.example.com', repository_id: '7', ref: 'refs/heads/main' };
const explain = (claims: Parameters<typeof explainLogin>[0], ...rules: ReturnType<typeof rule>[]) =>
  explainLogin(claims, { method: METHOD, rules, existing: new Set(['deploy']) });

describe('claims are read', () => {
  test.each<[string, string, object]>([
    [
      'from JSON',
      '{"ref": "refs/heads/main", "exp": 12, "groups": ["a", "b"], "deep": {"a": 1}}',
      { ref: 'refs/heads/main', exp: '12', groups: ['a', 'b'] },
    ],
    [
      'from the lines of a log',
      'ref=refs/heads/main\nenvironment=(none)\nactor=a=b\n',
      { ref: 'refs/heads/main', environment: '', actor: 'a=b' },
    ],
    [
      "with the times of GitHub's log",
      '2026-11-30T20:03:47.1234567Z ref=refs/heads/main\r\n2026-11-30T20:03:47Z other words\n',
      { ref: 'refs/heads/main' },
    ],
    ['lists in lines', 'groups=["a","b"]', { groups: ['a', 'b'] }],
  ])('%s', (_name, text, claims) => expect(parseClaims(text)).toEqual(claims));

  test.each(['', '{}', '[1]', '{"a"', 'no claims here'])('%j has none', (text) =>
    expect(() => parseClaims(text)).toThrow(/^`claims`: the file has no claim/),
  );
});

describe('a login is explained', () => {
  test('that is let in', () => {
    expect(explain(CLAIMS, rule('value.branch == "refs/heads/main"'))).toEqual({
      allowed: true,
      lines: ['Binding rule 7d069073 (role deploy) matches.'],
    });
  });

  test.each<[string, Parameters<typeof explainLogin>[0], ReturnType<typeof rule>[], string[]]>([
    [
      'with the term that does not hold, and both values',
      CLAIMS,
      [rule('value.repository_id == "7" and value.branch == "refs/heads/next"')],
      [
        'Binding rule 7d069073 (role deploy) does not match: it wants `value.branch == "refs/heads/next"`, and the token has branch=refs/heads/main.',
      ],
    ],
    [
      'with a claim that the auth method does not map',
      CLAIMS,
      [rule('value.environment == "production"')],
      [
        'Binding rule 7d069073 (role deploy) does not match: it wants `value.environment == "production"`, and the token has no environment. value.environment is not in ClaimMappings of the auth method.',
      ],
    ],
    [
      'with another audience',
      { ...CLAIMS, aud: 'vault.example.com' },
      [rule('')],
      [
        'The auth method github: BoundAudiences is nomad.example.com, and the token has aud=vault.example.com.',
        'Binding rule 7d069073 (role deploy) matches.',
      ],
    ],
    [
      'with another issuer',
      { ...CLAIMS, iss: 'https://evil.example.com' },
      [rule('')],
      [
        'The auth method github: BoundIssuer is https://token.actions.githubusercontent.com, and the token has iss=https://evil.example.com.',
        'Binding rule 7d069073 (role deploy) matches.',
      ],
    ],
    ['without a rule', CLAIMS, [], ['The auth method github has no binding rule.']],
    [
      'with a role that does not exist',
      CLAIMS,
      [rule('', 'gone')],
      ['Binding rule 7d069073 (role gone) matches, but the role gone does not exist, so that the rule gives nothing.'],
    ],
    [
      'with a selector that is not judged',
      CLAIMS,
      [rule('value.branch matches "x"')],
      ['Binding rule 7d069073 (role deploy): the selector `value.branch matches "x"` has a form that is not judged here.'],
    ],
  ])('%s', (_name, claims, rules, lines) => expect(explain(claims, ...rules)).toEqual({ allowed: false, lines }));
});

describe('a run that knows its selectors', () => {
  const claims = claimsOf({ repository_id: '7', ref: 'refs/heads/main' });
  test.each([
    [[], undefined],
    [['value.repository_id == "8"'], '`nomad-auth-selector` wants `value.repository_id == "8"`, and the token has repository_id=7.'],
    [
      ['value.repository_id == "8"', 'value.environment == "production"'],
      '`nomad-auth-selector` wants `value.repository_id == "8"`, and the token has repository_id=7. Or it wants `value.environment == "production"`, and the token has no environment.',
    ],
    [['value.ref matches "x"'], undefined],
  ])('%j', (selectors, text) => expect(unmatched(selectors, claims)).toBe(text));

  test('says that the cluster differs where its claims fit', () => {
    expect(unmatched(['value.repository_id == "7"'], claims)).toMatch(
      /^The token fits `nomad-auth-selector`, so the rule, its role or its policy is missing/,
    );
  });
});
