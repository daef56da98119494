import type { Secret } from '../runtime/index.ts';
import type { Layer } from './config/index.ts';
import type { HttpCheck } from './http-checks.ts';
import type { SecretSource } from './image-values.ts';
import type { ImageVariables } from './image-variables.ts';
import type {
  Command,
  cancelActions,
  configSources,
  EnvironmentName,
  failureActions,
  InputName,
  promotions,
  UntrustedEvent,
  webhookTimes,
} from './names.ts';

/** Every input, typed; what was not given is undefined, unless the input has a default of its own (see action.yml). */
export interface Inputs {
  readonly command: Command;
  /** The configuration file that gave values, as shown to people. */
  readonly config: string | undefined;
  /** Whose file gives what decides about credentials, environments and the runner. */
  readonly configFrom: (typeof configSources)[number];
  /** Names of the apps that were selected; none: all of the configuration file. */
  readonly apps: readonly string[];
  /** The app that these are the inputs of; undefined where the run is about the whole repository. */
  readonly app: string | undefined;
  /** The name of the image among several: that of the app, or that in `images`. */
  readonly imageKey: string | undefined;
  readonly workingDirectory: string;
  readonly nomadAddr: string | undefined;
  /** The token for each environment, already chosen between `nomad-token`, `NOMAD_TOKEN_PROD`, `NOMAD_TOKEN_STAGING` and `NOMAD_TOKEN`. */
  readonly nomadToken: Readonly<Record<EnvironmentName, Sourced<Secret> | undefined>>;
  /** The environment variable that the configuration file names for the environment's token. */
  readonly tokenEnv: string | undefined;
  readonly nomadNamespace: string | undefined;
  readonly nomadRegion: string | undefined;
  readonly nomadTls: TlsInputs;
  /** How to log in where no token is stored; `idToken` is missing where GitHub gives the job none. */
  readonly nomadLogin: { readonly method: string; readonly audience: string; readonly idToken: IdTokenSource | undefined } | undefined;
  /** Headers of every request, beside those of Nomad itself. */
  readonly nomadHeaders: Readonly<Record<string, Secret>>;
  /** By the scheme of the address that they are for; one for `http` is also for `https` where that has none. They may hold a password. */
  readonly proxies: Readonly<Record<'http' | 'https', Sourced<Secret> | undefined>>;
  /** One of the four, or one of the configuration file. */
  readonly environment: string | undefined;
  /** Every branch deploys as the main branch does. */
  readonly mainStyle: boolean;
  readonly baseDomain: string | undefined;
  /** The domain is that of the environment as it is, since the configuration file gives it for this environment. */
  readonly ownDomain: boolean;
  readonly jobName: string | undefined;
  /** HCL variables and variables of the built-in template, by name without `NOMAD_VAR_`. */
  readonly vars: Readonly<Record<string, string>>;
  readonly noDeploy: boolean;
  readonly build: boolean | 'auto';
  readonly image: string | undefined;
  readonly imageVariables: ImageVariables;
  readonly context: string;
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: readonly string[];
  /** By the id that the Dockerfile mounts them by. */
  readonly buildSecrets: Readonly<Record<string, SecretSource<Secret>>>;
  /** None: the builder's own. */
  readonly platforms: readonly string[];
  /** References, or tags alone; none: made of the event. */
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** What the runner gives buildx for the caches of the type `gha`. */
  readonly cacheService: Readonly<Record<string, Secret>>;
  readonly pull: boolean;
  readonly noCache: boolean;
  /** `true`, `false` or attributes; undefined is none. */
  readonly provenance: string | undefined;
  readonly sbom: string | undefined;
  /** Name of a builder of buildx; undefined: its own choice. */
  readonly builder: string | undefined;
  /** Seconds since the epoch, if the image and its files are to have one date. */
  readonly sourceDateEpoch: string | undefined;
  readonly push: boolean;
  /** A command that is run in the image before it is deployed. */
  readonly test: TestCommand | undefined;
  /** What its container has in its environment besides the image's own. */
  readonly testEnv: Readonly<Record<string, string>>;
  /** A command line that is run on the runner, with `$IMAGE`. */
  readonly scan: string | undefined;
  /** The registry to log in to, and to push to when `image` does not say. */
  readonly registry: string;
  readonly registryUsername: string | undefined;
  /** Without one, nobody is logged in. GitHub's own token is it for GitHub's own registry only, and never sent to another. */
  readonly registryPassword: Secret | undefined;
  /** Further registries to log in to. */
  readonly registryAuth: readonly RegistryLogin[];
  /** Paths or globs of job specs; none: `project.nomad`, else the built-in template. */
  readonly jobs: readonly string[];
  /** HCL variable files, paths or globs. */
  readonly varFiles: readonly string[];
  /** Drivers that tasks may use; undefined: those of the built-in template for it, any for other specs. */
  readonly allowedDrivers: readonly string[] | undefined;
  /** What the workflow trusts though anybody could have caused or written it. */
  readonly allowUntrustedEvents: readonly UntrustedEvent[];
  /** Secrets of the workload, by name: see secret-names.ts. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Whether items of others go from the variables that the secrets are written to. */
  readonly replaceItems: boolean;
  readonly wait: boolean;
  readonly timeoutMs: number | undefined;
  readonly failFast: boolean;
  /** What to do with healthy canaries; undefined: as the spec says. */
  readonly promote: (typeof promotions)[number] | undefined;
  /** What has to hold before canaries are promoted, and of the application when it is deployed. */
  readonly verify: readonly HttpCheck[];
  readonly onFailure: (typeof failureActions)[number];
  readonly onCancel: (typeof cancelActions)[number];
  /** Whether groups keep the count that they run with; by default those with `scaling`. */
  readonly preserveCounts: boolean | undefined;
  /** How long a group that fits nowhere may wait for capacity; 0: not at all, Infinity: as long as the run may take. */
  readonly placementPatienceMs: number;
  readonly logLines: number;
  /** Of `scale`, `restart` and `logs`: the task group; undefined: the only one, or all. */
  readonly group: string | undefined;
  /** Of `restart` and `logs`: the task; undefined: all. */
  readonly task: string | undefined;
  /** Of `logs`: go on with what is said from now on. */
  readonly follow: boolean;
  readonly count: number | undefined;
  /** Of `revert`: the version to go back to; undefined: the last one that was healthy. */
  readonly to: number | undefined;
  /** Of `stop` and `sweep`: whether the job and its secrets are forgotten, too; undefined: of a review app. */
  readonly purge: boolean | undefined;
  /** Of `sweep`: how long a review app lives that nobody deploys; undefined: as long as its branch. */
  readonly ttlMs: number | undefined;
  /** Of `sweep`: only say what would be removed. */
  readonly dryRun: boolean;
  /** What `dispatch` gives to a run of a parameterized job. */
  readonly meta: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
  /** A deploy of a periodic job has it run once, now. */
  readonly periodicForce: boolean;
  readonly summary: boolean;
  /** Who is told how it ended. */
  readonly webhook: Webhook | undefined;
  /** For GitHub's API. */
  readonly githubToken: Secret | undefined;
  /** Whether a GitHub Deployment is recorded; `auto`: unless the workflow's job records one by itself. */
  readonly githubDeployment: boolean | 'auto';
  /** Whether a comment on the pull request is kept. */
  readonly comment: boolean | 'auto';
  /** Fingerprints of plans of which a deploy has to be one, or `merged-pull-request`; none: any plan will do. */
  readonly approvedPlan: readonly string[];
  readonly expect: 'no-changes' | undefined;
  /** Keep an issue open as long as a plan that should change nothing does. */
  readonly driftIssue: boolean;
  /** What gave the values: the name of an input or of an environment variable, or `default`. */
  readonly sources: {
    readonly inputs: Readonly<Partial<Record<InputName, string>>>;
    readonly vars: Readonly<Record<string, string>>;
    readonly secrets: Readonly<Record<string, string>>;
  };
}

export interface RegistryLogin {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
}

/** A text for the image's shell, or a program with its arguments. */
export type TestCommand = string | readonly [string, ...string[]];

/** Where a result is posted to, and when. The address is a credential: who knows it can post, too. */
export interface Webhook {
  readonly url: Secret;
  readonly on: (typeof webhookTimes)[number];
}

/** A value, and the input or variable that gave it. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: string;
}

/** How Nomad proves who it is, and we to it. Certificates and keys are PEM text, or the path of a file of it. */
export interface TlsInputs {
  readonly cacert: Sourced<string> | undefined;
  readonly clientCert: Sourced<string> | undefined;
  readonly clientKey: Sourced<Secret> | undefined;
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
}

/** What the configuration file has for the inputs. */
export interface FromFile {
  readonly path: string;
  /** The parts of it that count here; the first that has a value wins, and of `vars` all, name by name. */
  readonly layers: readonly Layer[];
  /** The names of its environments. */
  readonly environments: readonly string[];
  /** The layer of the environment, one of `layers`. */
  readonly environment?: Layer | undefined;
  /** The environment variable that has the environment's token. */
  readonly tokenEnv?: string | undefined;
  readonly app?: string | undefined;
  /** The name in `images` of the image that is read. */
  readonly image?: string | undefined;
}

/** Where the runner hands out ID tokens, and the header that it wants for one. */
export interface IdTokenSource {
  readonly url: string;
  readonly authorization: Secret;
}
