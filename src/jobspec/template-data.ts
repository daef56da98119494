import type { Inputs } from '../inputs/index.ts';
import { NO_RELEASE, NO_TEMPLATE } from '../secrets/index.ts';
import { repositoryOf } from '../text/index.ts';
import type { Rendering } from './types.ts';
import { givenValues } from './variable-values.ts';

/**
 * Returns the data for a template of the repository (`.hbs`), as docs/templates.md describes it. `vars` has the values of the variable
 * files and, over them, `NOMAD_VAR_<NAME>` and the input `vars` as text, and the parts of the image that `image-variables` names.
 */
export function templateData(
  { vars, nomadNamespace, nomadRegion }: Pick<Inputs, 'vars' | 'nomadNamespace' | 'nomadRegion'>,
  { spec, target, context, image, imageVariables, images, secretsTemplate, secretsRelease, fromFiles }: Rendering,
): Readonly<Record<string, unknown>> {
  const [owner = '', name = ''] = context.repository.split('/');
  return {
    job: { id: target.jobId, namespace: nomadNamespace ?? 'default', region: nomadRegion ?? 'global', spec: spec.name },
    target: {
      environment: target.environment.name,
      project: target.projectSlug,
      ref: target.refSlug,
      hostnames: target.hostnames,
      hostname: target.hostnames[0] ?? '',
      url: target.url ?? '',
    },
    image,
    images: image === '' || Object.keys(images).length > 0 ? images : { [repositoryOf(image)]: image },
    github: {
      repository: context.repository,
      owner,
      name,
      ref: context.ref,
      sha: context.sha,
      eventName: context.eventName,
      actor: context.actor,
      runId: context.runId,
      runUrl: context.runUrl ?? '',
      defaultBranch: context.defaultBranch ?? '',
    },
    vars: { ...givenValues({ vars }, fromFiles), ...imageVariables },
    secretsTemplate: secretsTemplate === '' ? NO_TEMPLATE : secretsTemplate,
    secretsRelease: secretsRelease === '' ? NO_RELEASE : secretsRelease,
  };
}
