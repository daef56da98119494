// Names of files and folders, by which a file of the repository is read or not.
import type { Kind } from './types.ts';

/** Folders of dependencies and caches, which can be large. Git ignores those of build results. */
const SKIPPED = new Set(
  (
    '.git .hg .svn node_modules bower_components jspm_packages vendor venv .venv site-packages __pycache__ .tox .mypy_cache .cache ' +
    '.terraform .gradle .m2 .bundle .next .nuxt .output .turbo .yarn .pnpm-store .idea .vscode .devcontainer target coverage Pods'
  ).split(' '),
);

/** Returns whether a folder is walked, by its name. */
export function isWalked(name: string): boolean {
  return !SKIPPED.has(name);
}

/** Folders whose files are about tests or documentation. Their Dockerfiles count only where there are no others. */
const ASIDE =
  /(^|\/)(tests?|__tests__|spec|fixtures|testdata|examples?|docs?|samples?|e2e|bench(marks)?|\.github|\.gitlab|\.circleci)(\/|$)/i;

/** Returns whether a file is about tests, examples or documentation, by its folders. */
export function isAside(path: string): boolean {
  return ASIDE.test(path.split('/').slice(0, -1).join('/'));
}

/** Returns the kind of a file, by its path from the root; undefined for one that is not read. A `.hcl` file is a spec only if it has a job. */
export function kindOf(path: string): Kind | undefined {
  const name = path.split('/').at(-1) ?? '';
  if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return 'workflow';
  if (/\.dockerignore$/i.test(name)) return undefined;
  if (/^(Dockerfile|Containerfile)(\.[\w.-]+)?$/.test(name) || /^[\w.-]+\.(Dockerfile|Containerfile)$/i.test(name)) return 'dockerfile';
  if (/^(docker-)?compose(\.[\w.-]+)?\.ya?ml$/.test(name)) return 'compose';
  if (/^metadata\.hcl$/.test(name)) return 'pack';
  if (/\.(nomad|hcl|job|levant)$/.test(name) || /\.(nomad|hcl)\.(hbs|tpl|tmpl|json)$/.test(name)) return 'spec';
  return undefined;
}
