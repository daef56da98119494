// The versions of Nomad that the suites run with. CI's matrix, `NOMAD_VERSION` and docs/versions.md come from this table.

interface Line {
  /** The newest release of the line with a community edition. */
  readonly release: string;
  /** Folder below tools/ whose go.mod pins what can be built where releases are out of reach; none: the Go module proxies do not serve it. */
  readonly module?: string;
}

/** By line, oldest first. */
export const NOMAD_LINES: Readonly<Record<string, Line>> = {
  // Built as 1.9.4: its go.mod needs the package `api` of the same commit, and proxies serve no fitting one for 1.9.5 to 1.9.7.
  '1.9': { release: '1.9.7', module: 'nomad-1.9' },
  '1.10': { release: '1.10.5', module: 'nomad-1.10' },
  '1.11': { release: '1.11.3', module: 'nomad' },
  '2.0': { release: '2.0.6' },
  '2.1': { release: '2.1.1' },
};

/** The line of every run that does not ask for another one. */
export const DEFAULT_LINE = '1.11';

/** A program that would do: its version, and the module that it can be built from. */
export interface Candidate {
  readonly version: string;
  readonly module?: string;
}

/** Returns the line of a version: 1.10 of 1.10.5. */
export const lineOf = (version: string): string => version.split('.', 2).join('.');

/**
 * Returns the programs that `asked` stands for, the first choice first: a full version (1.10.5, v1.10.5) is itself, a line (1.10) its newest release or else its
 * module. `pinOf` tells the version that a module pins. Throws for any other text, and for a line that is not in the table.
 */
export function candidates(asked: string, pinOf: (module: string) => string): Candidate[] {
  const version = /^v?(\d+\.\d+(?:\.\d+(?:-[\w.]+)?)?)$/.exec(asked)?.[1];
  if (version === undefined) throw new Error(`NOMAD_VERSION is "${asked}"; it takes a version (1.10.5) or a line (1.10)`);
  const { release, module } = NOMAD_LINES[lineOf(version)] ?? {};
  const built = module === undefined ? [] : [{ version: pinOf(module), module }];
  if (/\.\d+\./.test(version)) {
    const pinned = built.filter((one) => one.version === version);
    return pinned.length > 0 ? pinned : [{ version }];
  }
  if (release === undefined) {
    throw new Error(`NOMAD_VERSION is the line ${version}; known lines are ${Object.keys(NOMAD_LINES).join(', ')}. Give a full version`);
  }
  return built.some((one) => one.version === release) ? built : [{ version: release }, ...built];
}

/** Returns the newest line besides the default one that can be built without a release. */
export function sampleLine(): string | undefined {
  return Object.keys(NOMAD_LINES).findLast((line) => line !== DEFAULT_LINE && NOMAD_LINES[line]?.module !== undefined);
}
