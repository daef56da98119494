import { ActionError } from '../errors.ts';
import { type Inputs, parseBoolean } from '../inputs/index.ts';
import { parseJsonValue } from '../text/index.ts';
import { ejectBuiltIn, type Values } from './built-in/index.ts';
import { hidingValues, mayShow } from './shown-values.ts';
import type { Jobspec, Rendering } from './types.ts';

/** A spec of one's own, and what to know about it. */
export interface EjectedSpec {
  readonly text: string;
  readonly notes: readonly string[];
}

/**
 * Returns the job of the built-in template as a spec of one's own, which deploys an equal job. Values that may be secret are not in it. Throws `input-invalid`
 * for a spec of the repository.
 */
export async function eject(
  { vars, blueGreen }: Pick<Inputs, 'vars' | 'blueGreen'>,
  rendering: Rendering,
  { variables, settings }: Jobspec,
  redact: (text: string) => string,
): Promise<EjectedSpec> {
  const { spec } = rendering;
  if (!spec.builtIn) {
    throw new ActionError('input-invalid', `\`format\`: \`hcl\` prints the built-in template, and this run deploys ${spec.name}`, {
      hint: 'Leave out `format` to see the rendered job as JSON.',
    });
  }
  const read = parseJsonValue(variables);
  const values: Values = typeof read === 'object' && read !== null && !Array.isArray(read) ? Object.fromEntries(Object.entries(read)) : {};
  const given = settings.filter(({ name, source }) => source !== 'default' && source !== 'automatic' && values[name] !== undefined);
  const shown = given.filter(({ name, value }) => mayShow(name, value) && redact(value) === value);
  const defaults: Values = Object.fromEntries(shown.flatMap(({ name }) => (values[name] === undefined ? [] : [[name, values[name]]])));
  const podman = parseBoolean('NOMAD_VAR_DEPLOY_WITH_PODMAN', vars['DEPLOY_WITH_PODMAN']) === true;
  const whole = await ejectBuiltIn({ values, defaults, options: { ...rendering, blueGreen }, podman });
  const text = hidingValues(settings, redact)(whole);
  const hidden = given.filter((one) => !shown.includes(one) && whole.includes(`var.${one.name}`));
  return {
    text,
    notes: [
      ...(text === whole ? [] : ['Values that may be secret are replaced by `***`: put them in.']),
      ...(hidden.length === 0
        ? []
        : [`The values of ${hidden.map(({ name }) => name).join(', ')} may be secret, and are not in the file: go on giving them.`]),
      ...(text.includes('NOMAD_DEPLOY_REGISTRY_PASSWORD')
        ? ['The login of the registry reads the secret NOMAD_DEPLOY_REGISTRY_PASSWORD: set NOMAD_SECRET_NOMAD_DEPLOY_REGISTRY_PASSWORD.']
        : []),
      ...(blueGreen ? ['Remove `blue-green`: the file has a canary for each allocation itself.'] : []),
      ...(values['PERSISTENT_VOLUME_PER_ENVIRONMENT'] === true ? ['The folder of PERSISTENT_VOLUME is that of this environment.'] : []),
      ...Object.values(spec.fragments).map(({ name }) => `${name} goes on adding to a project.nomad beside it.`),
    ],
  };
}
