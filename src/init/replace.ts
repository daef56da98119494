import type { Used } from './workflows.ts';

/** A line of an existing file that a person has to change. */
export interface Change {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** Returns the changes of workflows that deploy by another action, with what is left to do. See docs/migrating-from-internetarchive.md. */
export function replacements(used: readonly Used[]): { readonly changes: readonly Change[]; readonly open: readonly string[] } {
  const ofOthers = used.filter(({ kind }) => kind === 'cicd' || kind === 'step');
  const changes = ofOthers.flatMap(({ kind, file, line, uses, text, withLine }): Change[] => [
    {
      at: `${file}:${line}`,
      from: text.trim(),
      to: text
        .replace(uses, () => (kind === 'cicd' ? 'org/nomad-deploy/.github/workflows/deploy.yml@v1' : 'org/nomad-deploy@v1'))
        .replace(/(['"])(\s*(#.*)?)$/, '$1$2')
        .trim(),
      why: 'the inputs and secrets below it keep their names',
    },
    ...(withLine === undefined
      ? []
      : [
          { at: `${file}:${withLine}`, from: 'with:', to: 'env:', why: 'a step of this action takes those names as environment variables' },
        ]),
  ]);
  const open = ofOthers.flatMap(({ kind, file, line, names, grants }): string[] => {
    const at = `${file}:${line}`;
    return [
      ...(kind === 'cicd' && !grants
        ? [
            `${at}: grant the job \`permissions: { contents: read, packages: write, deployments: write, pull-requests: write }\`, unless the default token of the repository has them.`,
          ]
        : []),
      `${at}: the login stays the token of the secrets. Without a stored token: docs/authentication.md, and \`nomad-deploy setup\`.`,
      ...(names.some((name) => /^base.domain$/i.test(name))
        ? []
        : [`${at}: \`BASE_DOMAIN\` is not given. Add it: it has no default here.`]),
    ];
  });
  // A pack is still rendered by its own program.
  const tools = used.filter(({ kind, uses }) => kind === 'tool' && !uses.includes('nomad-pack'));
  return {
    changes,
    open: [
      ...open,
      ...tools.map(
        ({ file, line, uses }) =>
          `${file}:${line}: ${uses.replace(/@.*$/, '')} is not needed for a deploy any more. Remove the step if nothing else uses it.`,
      ),
    ],
  };
}
