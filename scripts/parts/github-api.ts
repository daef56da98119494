// GitHub's own OpenAPI description, as much of it as the tests need: fetched once from npm, where GitHub publishes it, and kept in the cache.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output, say } from './exec.ts';
import { cacheFolder, key } from './tools.ts';

const PACKAGE = '@octokit/openapi@23.0.2';
const SHA512 = 'pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==';
const FILE = 'package/generated/api.github.com.json';

/** What the test server answers; of each, the methods that it knows. */
const OPERATIONS: Readonly<Record<string, readonly Method[]>> = {
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/commits/{commit_sha}/pulls': ['get'],
  '/repos/{owner}/{repo}/compare/{basehead}': ['get'],
  '/repos/{owner}/{repo}/contents/{path}': ['get'],
  '/repos/{owner}/{repo}/deployments': ['get', 'post'],
  '/repos/{owner}/{repo}/deployments/{deployment_id}': ['get', 'delete'],
  '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses': ['get', 'post'],
  '/repos/{owner}/{repo}/environments/{environment_name}': ['get', 'delete'],
  '/repos/{owner}/{repo}/git/matching-refs/{ref}': ['get'],
  '/repos/{owner}/{repo}/issues': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/{issue_number}': ['get', 'patch'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['get', 'patch', 'delete'],
  '/repos/{owner}/{repo}/pulls': ['get'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get'],
  '/orgs/{org}/artifacts/metadata/deployment-record': ['post'],
};

export type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';

/** A part of the description: a schema, an example, a reference to either. */
export interface Part {
  readonly $ref?: string;
  readonly [key: string]: unknown;
}

interface Operation extends Part {
  readonly parameters?: readonly Part[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses: Readonly<Record<string, Part & { readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: Part; readonly examples?: Readonly<Record<string, Part>> }>>;

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Part>>>>;
}

/** The operations above with all that they refer to. The first call of a machine downloads 29 MB. */
export async function githubDescription(): Promise<Description> {
  const kept = join(cacheFolder(), `github-api-${key(PACKAGE, JSON.stringify(OPERATIONS))}.json`);
  if (!existsSync(kept)) {
    const subset = subsetOf(await whole());
    mkdirSync(cacheFolder(), { recursive: true });
    // In one step: several test files may want it at once.
    writeFileSync(`${kept}.${process.pid}`, JSON.stringify(subset));
    renameSync(`${kept}.${process.pid}`, kept);
  }
  return JSON.parse(readFileSync(kept, 'utf8')) as Description;
}

async function whole(): Promise<Description> {
  const work = mkdtempSync(join(tmpdir(), 'nomad-deploy-github-api-'));
  try {
    say(`downloading ${PACKAGE}: GitHub's description of its API, 29 MB, once`);
    const packed = JSON.parse(await output('npm', ['pack', '--json', '--silent', PACKAGE], { cwd: work })) as [{ filename: string }];
    const archive = join(work, packed[0].filename);
    const sum = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (sum !== SHA512) throw new Error(`${PACKAGE} has the checksum ${sum}, ${SHA512} is expected`);
    await output('tar', ['-xzf', archive, FILE], { cwd: work });
    return JSON.parse(readFileSync(join(work, FILE), 'utf8')) as Description;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function subsetOf(all: Description): Description {
  const paths = Object.fromEntries(
    Object.entries(OPERATIONS).map(([path, methods]) => [
      path,
      Object.fromEntries(
        methods.map((method) => {
          const operation = all.paths[path]?.[method];
          if (operation === undefined) throw new Error(`${PACKAGE} does not know ${method} ${path}`);
          const { parameters = [], requestBody, responses } = operation;
          return [method, { parameters, requestBody, responses }];
        }),
      ),
    ]),
  );
  const components: Record<string, Record<string, Part>> = {};
  const take = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === '$ref' && typeof inner === 'string') {
        const [kind = '', component = ''] = inner.split('/').slice(2);
        components[kind] ??= {};
        if (components[kind][component] !== undefined) continue;
        const found = all.components[kind]?.[component];
        if (found === undefined) throw new Error(`${PACKAGE} has no ${inner}`);
        components[kind][component] = found;
        take(found);
      } else take(inner);
    }
  };
  take(paths);
  return { paths, components };
}
