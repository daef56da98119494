import { describe, expect, test } from '@jest/globals';
import { VARIABLES } from '../../../src/jobspec/built-in/variables.ts';
import { hidingSecrets, hidingValues, looksGenerated, mayShow, shownValue, withoutQuotes } from '../../../src/jobspec/shown-values.ts';

describe('the value of a variable is hidden', () => {
  test.each([
    'postgres_pass',
    'github_pat',
    'tailscale_auth',
    'hass_key',
    'youtube_cookies',
    'DB_PWD',
    'smtp_login',
    'slack_webhook',
    'database_url',
    'sentry_dsn',
    'wg_psk',
    'admin',
    'x',
    'apiKeyId',
    'session_name',
    'signing_salt',
    'TLS_CERT',
    'otp_seed_length',
  ])('of a name such as %s', (name) => expect(mayShow(name, 'hunter2')).toBe(false));
});

describe('the value of a variable is shown', () => {
  test.each(VARIABLES.map(({ name }) => name))('of our own table: %s', (name) => expect(mayShow(name, 'web')).toBe(true));
  test.each(['image_tag', 'app_version', 'replicas', 'db_host', 'logLevel', 'http-port', 'TIER', 'git_commit', 'node_pool', 'environment'])(
    'of a harmless name such as %s',
    (name) => expect(mayShow(name, 'web-2')).toBe(true),
  );
  test.each(['true', 'False', '', '1', 'off'])('that is a switch: %j', (value) => expect(mayShow('anything', value)).toBe(true));
});

test.each([
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'github_pat_11ABCDEFG0abcdefghij',
  'xoxb-123456789012-abcdefABCDEF',
  'AKIAIOSFODNN7EXAMPLE',
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.c2ln',
  '6dc8c1e5-0f5c-4a3c-9f0b-3a2ad5a9a1f1',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'c2VjcmV0LXZhbHVlLWZvci10ZXN0cw==',
  'v1-kf93jf02jf93kd02ld93',
  'kX9#mQ2$vL7!',
  'qzjxkvbwpfygculmrthdnseoia',
  'postgres://shop:hunter2@db.example.com/shop',
  '-----BEGIN PRIVATE KEY-----\nMIIE',
])('%s looks generated, and is shown under no name', (value) => {
  expect(looksGenerated(value)).toBe(true);
  for (const name of ['image_tag', 'COUNT', 'domain']) expect(mayShow(name, value)).toBe(false);
});

test.each([
  'v1.2.3-rc.1+build.20241129',
  '2024-11-29T10-20-30',
  'acme-shop-fix-1234.review.example.com',
  'ghcr.io/acme/shop:main',
  `ghcr.io/acme/shop@sha256:${'0123456789abcdef'.repeat(4)}`,
  'https://shop.example.com/healthz',
  '/srv/data/customers/production',
  '["www.example.com", "shop.example.com"]',
  '{"5000":"http","9000":"admin"}',
  'meta.kind = tcp-vm',
  'internationalizationservice',
  '/srv/Releases/Web2/current',
  'ffac537e',
  'eu-central-1',
  '512',
])('%s does not look generated', (value) => expect(looksGenerated(value)).toBe(false));

test('a default stands in the spec, and the values of the action are public', () => {
  expect(shownValue({ name: 'motto', value: 'hello', source: 'default' })).toBe('hello');
  expect(shownValue({ name: 'db_password', value: 'changeme', source: 'default' })).toBe('***');
  expect(shownValue({ name: 'image', value: 'web@sha256:0a', source: 'automatic' })).toBe('web@sha256:0a');
  expect(shownValue({ name: 'CI_COMMIT_SHA', value: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', source: 'automatic' })).toMatch(/^9f86/);
  expect(shownValue({ name: 'auth', value: 'digest-9f86d081884c7d659a2feaa0c55ad015', source: 'image-variables' })).toMatch(/^digest-9f86/);
  expect(shownValue({ name: 'motto', value: 'hello', source: 'prod.hcl:3' })).toBe('***');
});

test('a message quotes no value that is hidden', () => {
  expect(withoutQuotes('"many" is not a number', 'replicas', 'many')).toBe('"many" is not a number');
  expect(withoutQuotes('"hunter2" is not a number', 'pin', 'hunter2')).toBe('"***" is not a number');
  expect(withoutQuotes('the text "hun\\"ter2 is not closed', 'db_pass', 'x')).toBe('the text "***"');
});

describe('in a job and in a plan', () => {
  const hide = hidingValues(
    [
      { name: 'postgres_pass', value: 'hunter2', source: 'NOMAD_VAR_postgres_pass' },
      { name: 'motto', value: 'shop', source: 'vars' },
      { name: 'users', value: '["alice-and-bob", "x\\"yz"]', source: 'vars' },
      { name: 'image_tag', value: 'v1.2', source: 'vars' },
      { name: 'weight', value: '1000', source: 'vars' },
    ],
    (text) => text.replaceAll('masked', '***'),
  );
  test.each([
    ['{"url": "postgres://u:hunter2@db"}', '{"url": "postgres://u:***@db"}'],
    ['{"motto": "shop", "image": "acme/shop:v1.2"}', '{"motto": "***", "image": "acme/shop:v1.2"}'],
    ['! Meta[motto]: blog → shop', '! Meta[motto]: blog → ***'],
    ['! Meta[motto]: shop → blog', '! Meta[motto]: *** → blog'],
    ['@@ group shop: 1 in place @@', '@@ group shop: 1 in place @@'],
    ['{"users": "alice-and-bob, x\\"yz"}', '{"users": "***, x\\"yz"}'],
    ['{"weight": 1000, "x": "masked"}', '{"weight": 1000, "x": "***"}'],
    ['{"auth": "aHVudGVyMg==", "motto": "blog,shop"}', '{"auth": "***g==", "motto": "blog,***"}'],
  ])('%s becomes %s', (text, shown) => expect(hide(text)).toBe(shown));
});

test('in what a task writes, only what is a secret by its name or its look is hidden', () => {
  const hide = hidingSecrets(
    [
      { name: 'postgres_pass', value: 'hunter2', source: 'NOMAD_VAR_postgres_pass' },
      { name: 'motto', value: 'shop', source: 'vars' },
    ],
    (text) => text.replaceAll('masked', '***'),
  );
  expect(hide('"shop": unrecognized option --password=hunter2, masked')).toBe('"shop": unrecognized option --password=***, ***');
});
