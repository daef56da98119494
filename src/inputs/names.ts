import { nearest } from '../text/index.ts';
import { inputNames, optionNames } from './table/index.ts';

/** Returns a warning for each unknown input, with the nearest known name. The values are never quoted. */
export function unknownInputs(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(optionNames.map((name) => `INPUT_${name.toUpperCase()}`));
  const unknown = Object.keys(env).filter((name) => name.startsWith('INPUT_') && !known.has(name));
  return unknown.map((variable) => {
    const name = variable.slice('INPUT_'.length).toLowerCase();
    const near = nearest(name, inputNames);
    const what = near === undefined ? 'docs/reference/inputs.md lists the inputs.' : `Did you mean \`${near}\`?`;
    return `Unknown input \`${name}\` is ignored. ${what}`;
  });
}

/** Variables of CI systems. The built-in template declares them as text, so that fragments of the repository can use them; unknown ones are blank. */
export const CI_VARIABLES = [
  'CI_APPLICATION_REPOSITORY',
  'CI_APPLICATION_TAG',
  'CI_BUILDS_DIR',
  'CI_COMMIT_BRANCH',
  'CI_COMMIT_REF_NAME',
  'CI_COMMIT_REF_SLUG',
  'CI_COMMIT_SHA',
  'CI_COMMIT_SHORT_SHA',
  'CI_COMMIT_TAG',
  'CI_CONCURRENT_ID',
  'CI_DEFAULT_BRANCH',
  'CI_GITHUB_IMAGE',
  'CI_HOSTNAME',
  'CI_PIPELINE_SOURCE',
  'CI_PROJECT_DIR',
  'CI_PROJECT_NAME',
  'CI_PROJECT_PATH_SLUG',
  'CI_REGISTRY',
  'CI_REGISTRY_IMAGE',
  'CI_REGISTRY_TAG',
  'CI_REGISTRY_PASSWORD',
  'CI_REGISTRY_READ_TOKEN',
  'CI_REGISTRY_USER',
] as const;
