import { describe, expect, test } from '@jest/globals';
import { dummyOf } from '../../../src/rehearsal/dummies.ts';

const PEM = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQ==\n-----END PRIVATE KEY-----\n`;

describe('a dummy', () => {
  test.each([
    ['a password', 'Tr0ub4dor&3', 'Xx0xx0xxxx0'],
    ['a text of hexadecimal digits', 'deadBEEF01', 'aaaaAAAA00'],
    ['a UUID', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '0aa0a000-0aaa-00a0-00a0-00a00aa000a0'],
    ['base64 with its end', 'c2VjcmV0IQ==', 'x0XxxxX0XX=='],
    ['a number', '5432', '1111'],
    ['a switch', 'true', 'true'],
    ['two lines', 'ab\ncd1', 'xx\nxx0'],
  ])('has the form of %s', (_what, value, dummy) => {
    expect(dummyOf('X', value)).toBe(dummy);
    expect(dummyOf('X', value)).toHaveLength(value.length);
  });

  test('differs from a secret that looks like one', () => {
    expect(dummyOf('X', 'xxxx')).toBe('yyyy');
    expect(dummyOf('X', '0-0')).not.toBe('0-0');
    expect(dummyOf('X', '1111')).not.toBe('1111');
  });

  test('of an address keeps scheme, port, names of parameters and known words', () => {
    expect(dummyOf('X', 'postgres://shop:hunter2@db.prod.example:5433/shop?sslmode=require&application_name=web')).toBe(
      'postgres://rehearsal:xxxxxx0@rehearsal.invalid:5433/xxxx?sslmode=require&application_name=xxx',
    );
    expect(dummyOf('X', 'redis://:hunter2@10.0.0.7:6379/0')).toBe('redis://:xxxxxx0@rehearsal.invalid:6379/0');
    expect(dummyOf('X', 'https://hooks.example/T0/B1/abc')).toBe('https://rehearsal.invalid/X0/X0/xxx');
  });

  test('of a key keeps its first and last lines, and the length of the others', () => {
    const dummy = dummyOf('X', PEM);
    expect(dummy.split('\n').map((line) => line.length)).toEqual(PEM.split('\n').map((line) => line.length));
    expect(dummy).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(dummy).not.toContain('MIIE');
  });

  test('of JSON keeps its keys and the kinds of its values', () => {
    const value = { type: 'service_account', port: 8443, on: true, keys: ['a1', 'https://x.example/'], none: null };
    expect(JSON.parse(dummyOf('X', JSON.stringify(value)))).toEqual({
      type: 'xxxxxxx_xxxxxxx',
      port: 1111,
      on: true,
      keys: ['a0', 'https://rehearsal.invalid/'],
      none: null,
    });
  });

  test.each([
    ['DATABASE_URL', /^postgres:\/\/\S+@rehearsal\.invalid:5432\//],
    ['REDIS_URL', /^redis:\/\//],
    ['SMTP_PORT', /^\d+$/],
    ['GOOGLE_CREDENTIALS_JSON', /^\{\}$/],
    ['SESSION_SECRET', /^rehearsal-x{22}$/],
  ])('without a value has the form that the name %s tells', (name, form) => {
    expect(dummyOf(name, '')).toMatch(form);
    expect(dummyOf(name, ' \n')).toMatch(form);
  });

  test.each(['hunter2-Correct.horse', 'xxxx', '0000', 'XX', 'a', 'é-ü', '["s3cret"]', 'amqp://u:s3cret@h/v', PEM])(
    'has no word of the value %j',
    (value) => {
      const words = value.split(/[^A-Za-z0-9]+/).filter((word) => word.length > 3 && !/^(BEGIN|PRIVATE|amqp)$/.test(word));
      for (const word of words) expect(dummyOf('X', value)).not.toContain(word);
    },
  );
});
