import { expect, test } from '@jest/globals';
import { columns } from '../../../src/text/columns.ts';

test('aligns cells, leaves out blank columns, and keeps a row in its line', () => {
  expect(
    columns(
      ['a', 'none', 'b'],
      [
        ['1', '', 'x\n9  forged'],
        ['22', '', 'y\r'],
      ],
    ),
  ).toEqual(['a   b', '1   x 9 forged', '22  y']);
});
