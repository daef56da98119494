/** Returns rows as lines with aligned columns. A column whose cells are all blank is left out. The first row has the names of the columns. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const kept = head.map((_name, i) => rows.some((row) => (row[i] ?? '') !== ''));
  // A line break in a cell would begin another row.
  const all = [head, ...rows].map((row) => row.filter((_cell, i) => kept[i]).map((cell) => cell.replaceAll(/[\s\p{Cc}]+/gu, ' ')));
  const widths = (all[0] ?? []).map((_name, i) => all.reduce((most, row) => Math.max(most, (row[i] ?? '').length), 0));
  return all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
