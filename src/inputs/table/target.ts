import { environments } from '../choices.ts';
import type { InputTable } from './entry.ts';

export const TARGET = {
  environment: {
    of: 'run',
    type: 'choice',
    own: true,
    values: environments,
    instead: '`environments` assigns branches to environments; the workflow overrides that with the input `environment`',
    otherwise: 'by branch',
    common: '`production`, `staging`, `main`, `review`, or one of the configuration file.',
    reusable: true,
    meaning:
      '`production`, `staging`, `main`, `review`, or an environment of the configuration file. By branch: `production` and `staging` for the branches of these names, `main` for the default branch, `review` for any other branch, a pull request or a tag. See docs/environments.md.',
  },
  cluster: {
    of: 'run',
    type: 'words',
    own: true,
    instead: '`waves` names the clusters of a deploy; the workflow selects some of them with the input `cluster`',
    otherwise: 'those of `waves`',
    meaning:
      'Clusters of the configuration file, with blanks or commas between them. Of `waves` of clusters, the others are left out. See docs/waves.md.',
  },
  'base-domain': {
    of: 'job',
    type: 'text',
    own: true,
    from: 'default-branch',
    variables: ['BASE_DOMAIN'],
    common: 'Domain of the hostnames, such as `apps.example.com`.',
    reusable: true,
    meaning:
      'Domain of the hostnames: `<job>.<base-domain>`; in `production` and `staging` `<repository>.<base-domain>`, where `prod.` or `staging.` replaces the first label of the domain.',
  },
  'job-name': {
    of: 'job',
    type: 'text',
    from: 'default-branch',
    otherwise: '`<owner>-<repository>`, and `-<branch>` for a review app',
    reusable: true,
    meaning:
      'Job id. The input, unlike its key in the configuration file, also lets the run replace or stop a job that has another owner. See docs/environments.md#who-owns-a-job.',
  },
  vars: {
    of: 'job',
    type: 'map',
    own: true,
    from: 'any',
    variables: ['NOMAD_VAR_<NAME>'],
    common: 'Variables of the spec or of the built-in template, such as `MEMORY=512`.',
    reusable: true,
    meaning:
      'HCL variables of the spec, and variables of the built-in template such as `MEMORY` and `PORTS` (docs/reference/variables.md): `NAME=value` lines, or a YAML or JSON map. All sources count, name by name; the input wins.',
  },
} as const satisfies InputTable;
