// Lints a spec as a run with a few inputs would.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LintReport, lintSpec } from '../../src/jobspec/lint/lint.ts';
import type { RenderSlice } from '../../src/jobspec/render.ts';
import { readSpecFile } from '../../src/jobspec/spec-file.ts';
import type { FileValue, Rendering } from '../../src/jobspec/types.ts';

export interface Asked {
  readonly off?: readonly string[];
  readonly vars?: Readonly<Record<string, string>>;
  readonly fromFiles?: Readonly<Record<string, FileValue>>;
  readonly policy?: Rendering['policy'];
  readonly allowedDrivers?: readonly string[];
  /** `group.nomad` and the like. */
  readonly fragments?: Readonly<Record<'vars' | 'job' | 'group', string>> | Readonly<Partial<Record<'vars' | 'job' | 'group', string>>>;
  readonly image?: string;
}

const DIGEST = `ghcr.io/acme/shop@sha256:${'0'.repeat(64)}`;

export const inputsOf = ({ vars = {}, allowedDrivers }: Asked): RenderSlice =>
  ({
    command: 'lint',
    vars,
    secrets: {},
    sources: { vars: {}, secrets: {}, inputs: {} },
    promote: 'auto',
    blueGreen: false,
    nomadNamespace: undefined,
    nomadRegion: undefined,
    jobName: undefined,
    registry: 'ghcr.io',
    workingDirectory: '.',
    allowedDrivers,
    preserveCounts: false,
  }) as unknown as RenderSlice;

/** Returns what a spec is rendered with; the built-in template for no name. */
export async function renderingOf(name: string | undefined, text: string, asked: Asked = {}): Promise<Rendering> {
  const workspace = await mkdtemp(join(tmpdir(), 'lint-'));
  const write = async (file: string, content: string): Promise<void> => writeFile(join(workspace, file), content);
  try {
    const fragments: Record<string, string> = {};
    for (const [kind, content] of Object.entries(asked.fragments ?? {})) {
      await write(`${kind}.nomad`, content);
      fragments[kind] = join(workspace, `${kind}.nomad`);
    }
    if (name !== undefined) await write(name, text);
    const spec = await readSpecFile({ path: name && join(workspace, name), fragments }, workspace);
    return {
      spec,
      fromFiles: asked.fromFiles ?? {},
      target: {
        environment: { name: 'main', value: 'main' },
        jobId: 'acme-shop',
        projectSlug: 'acme-shop',
        refSlug: 'main',
        hostnames: ['shop.example.com'],
      },
      context: { repository: 'acme/shop', ref: 'main', refType: 'branch', sha: 'a'.repeat(40), eventName: 'push', defaultBranch: 'main' },
      image: asked.image ?? DIGEST,
      images: {},
      oversubscription: true,
      secretsTemplate: '',
      secretsRelease: '',
      policy: asked.policy,
    } as unknown as Rendering;
  } finally {
    await rm(workspace, { recursive: true });
  }
}

/** Lints a file of a name; the built-in template for none. */
export async function lintText(name: string | undefined, text: string, asked: Asked = {}): Promise<LintReport> {
  return lintSpec(inputsOf(asked), await renderingOf(name, text, asked), asked.off ?? []);
}
