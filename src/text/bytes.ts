const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Returns a number of bytes with a unit: `1.5 MB`. */
export function bytesText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return unit === 0 ? `${bytes} B` : `${(bytes / 1_000 ** unit).toFixed(1)} ${UNITS[unit]}`;
}
