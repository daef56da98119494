import type { Context } from '../github/index.ts';
import type { DefaultPolicy } from '../inputs/config/index.ts';
import type { FragmentKind, SourceFile } from '../inputs/index.ts';
import type { Job } from '../nomad/types.ts';
import type { SecretTemplates } from '../secrets/index.ts';
import type { Target } from '../target/index.ts';
import type { HclValue } from '../text/index.ts';
import type { Kept } from './built-in/index.ts';

/** A value of this run for people, and its source: `input`, the name of an environment variable, `default`, … */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

/** A job spec of the repository, or the built-in template (with the name `built-in template`). */
export interface SpecFile extends SourceFile {
  readonly builtIn: boolean;
  /** HCL, which the cluster reads, or the API's job object. */
  readonly format: 'hcl' | 'json' | 'yaml';
  /** Handlebars renders the text first. */
  readonly template: boolean;
  /** `vars.nomad`, `job.nomad` and `group.nomad`, which add to the built-in template and to a `project.nomad`. */
  readonly fragments: Readonly<Partial<Record<FragmentKind, SourceFile>>>;
}

/** A value of a variable file, and its place. */
export interface FileValue {
  readonly value: HclValue;
  /** `file:line`. */
  readonly source: string;
  /** The expression that the cluster has to evaluate for the value. */
  readonly expression?: string;
}

/** A rendered job spec, as the cluster understood it. */
export interface Jobspec {
  /** The HCL that was parsed, or the job as JSON if several files were laid over one another; for the job's submission. */
  readonly source: string;
  readonly format: 'hcl2' | 'json';
  /** The values of its variables, as a JSON object. */
  readonly variables: string;
  readonly job: Job;
  readonly namespace: string;
  /** SHA-256 of the job without this action's meta, hexadecimal: equal specs have equal hashes. */
  readonly specHash: string;
  /** The spec's variables, with the source of each value. */
  readonly settings: readonly Setting[];
  /** Warnings about values that the spec does not take, and about settings that are possible but rarely intended. */
  readonly warnings: readonly string[];
}

export interface Rendering extends SecretTemplates {
  readonly spec: SpecFile;
  /** The other specs of the run, which share its variables. */
  readonly others?: readonly SpecFile[];
  /** The values of the variable files. */
  readonly fromFiles: Readonly<Record<string, FileValue>>;
  readonly target: Target;
  readonly context: Context;
  /** The image reference to deploy; empty when the spec names its own. */
  readonly image: string;
  /** Address of the signed attestation of the image. */
  readonly attestation?: string | undefined;
  /** The tags by which this run pushes or finds that image, as whole references: a spec with one of them runs the image. */
  readonly tags?: readonly string[];
  /** The parts of the job's images, by the variables of the spec that take them: see the input `image-variables`. */
  readonly imageVariables?: Readonly<Record<string, string>>;
  /** All images of the run, by their names in the configuration file; empty without names. */
  readonly images: Readonly<Record<string, string>>;
  /** The scheduler lets a task use more memory than it reserved. Otherwise the built-in template does not ask for it. */
  readonly oversubscription: boolean;
  /** The policy of the default branch, for any spec. */
  readonly policy: DefaultPolicy | undefined;
  /** The parts of the registered job that the built-in template keeps. */
  readonly kept?: Kept | undefined;
  /** Changes the job before the cluster gets it, once it is judged. A rehearsal has one. */
  readonly adapt?: (job: Job, spec: SpecFile) => Promise<Job>;
}
