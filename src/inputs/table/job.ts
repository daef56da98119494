import { untrustedEvents } from '../choices.ts';
import type { InputTable } from './entry.ts';
import { SECRET } from './reasons.ts';

export const JOB = {
  job: {
    of: 'job',
    type: 'list',
    own: true,
    from: 'any',
    otherwise: '`project.nomad` if it exists, else the built-in template of a web service',
    common: 'Job specs of the repository.',
    reusable: true,
    meaning:
      'Job specs of the repository, a path or glob a line; each is a job. A spec is HCL, a job object in JSON or YAML (`.json`, `.yaml`, `.yml`), or a Handlebars template of one. See docs/templates.md.',
  },
  'var-files': {
    of: 'job',
    type: 'list',
    from: 'any',
    reusable: true,
    meaning: 'HCL variable files, a path or glob a line; a later one wins. `vars` and `NOMAD_VAR_<NAME>` win over all of them.',
  },
  'allowed-drivers': {
    of: 'job',
    type: 'words',
    from: 'default-branch',
    otherwise: '`docker podman` for the built-in template, any for your own spec',
    meaning: 'Drivers that tasks may use, such as `docker raw_exec`. A job with another driver is refused.',
  },
  'lint-off': {
    of: 'job',
    only: ['lint'],
    type: 'words',
    from: 'any',
    otherwise: 'none',
    meaning:
      'Lints that `lint` does not run, such as `latest host-network`. A comment `# nomad-deploy:ignore <name>` switches one off for a line or a block. See docs/lint.md.',
  },
  'allow-untrusted-events': {
    of: 'run',
    type: 'words',
    own: true,
    values: untrustedEvents,
    instead: 'a stranger could write it into the file; the workflow gives the input `allow-untrusted-events`',
    otherwise: 'none: the run is `skipped`',
    meaning: `Events and code that may use credentials although a stranger can cause or write them: ${untrustedEvents.map((word) => `\`${word}\``).join(', ')}. The code of a fork in such an event takes both words. See docs/threat-model.md.`,
  },
} as const satisfies InputTable;

export const SECRETS = {
  secrets: {
    of: 'run',
    type: 'map',
    own: true,
    instead: `${SECRET}: give the input \`secrets\`, or NOMAD_SECRET_<NAME>`,
    variables: ['NOMAD_SECRET_<NAME>', 'NOMAD_SECRETS'],
    secret: 'parts',
    common: 'Secrets of the workload, as `NAME=value` lines.',
    meaning:
      'Secrets of the workload at run time: `NAME=value` lines, or a YAML or JSON map. `FILE_<name>` is a file, `<group>/<task>/<NAME>` belongs to one task. `NOMAD_SECRETS` is a JSON map. All sources count, name by name; the input wins. See docs/secrets.md.',
  },
} as const satisfies InputTable;
