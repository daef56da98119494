/** The parts of a plan's fingerprint, each a word; see docs/pull-requests.md. */
export interface Fingerprint {
  /** The hash of the job, without the values that are unknown before the build. */
  readonly spec: string;
  /** The registered job's modify index; 0 when there was none. */
  readonly index: number;
  /** The hash of the scheduler's actions in each group. */
  readonly actions: string;
}

/** Returns a fingerprint as text: `v1.<spec>.<modify index>.<actions>`. */
export function fingerprintText({ spec, index, actions }: Fingerprint): string {
  return `v1.${spec}.${index}.${actions}`;
}

/** Reads a fingerprint; undefined for any other text. */
export function parseFingerprint(text: string): Fingerprint | undefined {
  const [, spec, index, actions] = /^v1\.([0-9a-f]{32})\.(\d{1,15})\.([0-9a-f]{16})$/.exec(text) ?? [];
  return spec === undefined || index === undefined || actions === undefined ? undefined : { spec, index: Number(index), actions };
}
