import type { Location } from '../../errors.ts';
import type { Place } from '../../text/index.ts';
import type { InputName } from '../table/index.ts';
import type { Given } from './values.ts';

/** Values of inputs that a part of the file gives. */
export type Layer = Readonly<Partial<Record<InputName, Given>>>;

export interface Section {
  readonly name: string;
  readonly at: Place;
  readonly inputs: Layer;
}

/** An environment, and what belongs to it. */
export interface EnvironmentSection extends Section {
  /** Names or patterns; none: by its name alone, as without the file. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly pullRequest: boolean;
  /** The environment variable that has its token. */
  readonly tokenEnv: Given | undefined;
}

export interface AppSection extends Section {
  /** Only the checkout has it: the default branch's file says nothing about it. */
  readonly isNew: boolean;
  readonly dependsOn: readonly string[];
  /** Files that it is made of, as patterns; none: it is always deployed. */
  readonly paths: readonly string[];
}

/** `policy`: undefined is not restricted, `true` allowed, `false` or an empty list nothing. */
export interface Policy {
  readonly at: Place;
  readonly allowedDrivers: readonly string[] | undefined;
  readonly privileged: boolean | undefined;
  readonly hostNetwork: boolean | undefined;
  /** Folders of the node below which paths may be mounted. */
  readonly hostPaths: readonly string[] | boolean | undefined;
  /** Names of Nomad's host volumes. */
  readonly hostVolumes: readonly string[] | boolean | undefined;
  /** Linux capabilities that tasks may add. */
  readonly capabilities: readonly string[] | undefined;
  readonly rawExec: boolean | undefined;
  /** Registries, or repositories of them, that images may come from. */
  readonly imageRegistries: readonly string[] | undefined;
  readonly namespaces: readonly string[] | undefined;
  /** The limit for each group. */
  readonly maxCount: number | undefined;
  /** The limit for each task, in MHz. */
  readonly maxCpu: number | undefined;
  /** The limit for each task, in MB. */
  readonly maxMemory: number | undefined;
}

/** The configuration file, typed. */
export interface Config {
  /** Its path as shown to people. */
  readonly path: string;
  readonly inputs: Layer;
  /** In the order of the file, as the others are. */
  readonly environments: readonly EnvironmentSection[];
  readonly apps: readonly AppSection[];
  readonly images: readonly Section[];
  readonly policy: Policy | undefined;
  readonly warnings: readonly { readonly text: string; readonly location: Location }[];
}

/** A policy, and where it stands: `nomad-deploy.yml of the branch main`. */
export interface DefaultPolicy {
  readonly policy: Policy;
  readonly source: string;
}
