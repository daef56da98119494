import type { Location } from '../../errors.ts';
import type { Place } from '../../text/index.ts';
import type { InputName } from '../table/index.ts';
import type { Given } from './values.ts';

/** The values of inputs in a part of the file. */
export type Layer = Readonly<Partial<Record<InputName, Given>>>;

export interface Section {
  readonly name: string;
  readonly at: Place;
  readonly inputs: Layer;
}

/** An environment, with its branches, tags and pull requests. */
export interface EnvironmentSection extends Section {
  /** Names or patterns; none: the branch with the name of the environment, as without the file. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly pullRequest: boolean;
  /** The environment variable that has its token. */
  readonly tokenEnv: Given | undefined;
}

/** A cluster that `waves` may name. */
export interface ClusterSection extends Section {
  /** The environment variable that has its token. */
  readonly tokenEnv: Given | undefined;
}

export interface AppSection extends Section {
  /** Only the checkout's file has the app, not that of the default branch. */
  readonly isNew: boolean;
  readonly dependsOn: readonly string[];
  /** Patterns of its files; none: the app is always deployed. */
  readonly paths: readonly string[];
}

/** The rules of `policy`: undefined or `true` allows everything, `false` or an empty list nothing. */
export interface Policy {
  readonly at: Place;
  readonly allowedDrivers: readonly string[] | undefined;
  readonly privileged: boolean | undefined;
  readonly hostNetwork: boolean | undefined;
  /** Folders of the node; paths below them may be mounted. */
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
  /** In the order of the file. */
  readonly environments: readonly EnvironmentSection[];
  readonly clusters: readonly ClusterSection[];
  readonly apps: readonly AppSection[];
  readonly images: readonly Section[];
  readonly policy: Policy | undefined;
  readonly warnings: readonly { readonly text: string; readonly location: Location }[];
}

/** A policy with its source, such as `nomad-deploy.yml of main at 1a2b3c4`. */
export interface DefaultPolicy {
  readonly policy: Policy;
  readonly source: string;
}
