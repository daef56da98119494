import type { Secret } from '../runtime/index.ts';
import type { Bake } from './bake.ts';
import type { EnvironmentName, UntrustedEvent } from './choices.ts';
import type { Layer } from './config/index.ts';
import type { Hook } from './hooks.ts';
import type { HttpCheck } from './http-checks.ts';
import type { ImageVariables } from './image-variables.ts';
import type { Facts, InputName, Table } from './table/index.ts';
import type { Until } from './values.ts';

/** `nomad-addr` as `nomadAddr`. */
type Camel<Name extends string> = Name extends `${infer Head}-${infer Rest}` ? `${Head}${Capitalize<Camel<Rest>>}` : Name;

type Form<Entry extends Facts> = Entry extends { readonly values: readonly (infer Value)[] }
  ? Value
  : Entry['type'] extends 'boolean'
    ? boolean
    : Entry['type'] extends 'boolean or auto'
      ? boolean | 'auto'
      : Entry['type'] extends 'number'
        ? number
        : Entry['type'] extends 'words'
          ? readonly string[]
          : string;

type ValueOf<Entry extends Facts> = Entry['type'] extends 'list'
  ? readonly string[]
  : Entry extends { readonly default: string }
    ? Form<Entry>
    : Form<Entry> | undefined;

/** The values whose form the table tells, by the names of their inputs. An input that is not given is undefined, or an empty list, unless it has a default. */
export type Plain<Subject extends Facts['of']> = {
  readonly [Name in InputName as Table[Name] extends { readonly of: Subject }
    ? Table[Name] extends { readonly own: true }
      ? never
      : Camel<Name>
    : never]: ValueOf<Table[Name]>;
};

/** Inputs whose form code of their own reads. */
export type OwnInput = { [Name in InputName]: Table[Name] extends { readonly own: true } ? Name : never }[InputName];

/** The values that are the same for the whole run. */
export interface RunInputs extends Plain<'run'> {
  /** The configuration file that gave values, as shown to people. */
  readonly config: string | undefined;
  /** Names of the selected apps; none: all of the configuration file. */
  readonly apps: readonly string[];
  /** Names of the selected clusters; none: those of `waves`. */
  readonly clusters: readonly string[];
  /** Names of clusters or apps, wave by wave; none: all at once. */
  readonly waves: Waves;
  /** The time between two waves; 0: none. */
  readonly waveBakeMs: number;
  readonly nomadAddr: string | undefined;
  /** The token for each environment, already chosen between `nomad-token`, `NOMAD_TOKEN_PROD`, `NOMAD_TOKEN_STAGING` and `NOMAD_TOKEN`. */
  readonly nomadToken: Readonly<Record<EnvironmentName, Sourced<Secret> | undefined>>;
  /** The environment variable that the configuration file names for the environment's token. */
  readonly tokenEnv: string | undefined;
  readonly nomadTls: TlsInputs;
  /** The login without a stored token; `idToken` is missing where GitHub gives the job none. */
  readonly nomadLogin: { readonly method: string; readonly audience: string; readonly idToken: IdTokenSource | undefined } | undefined;
  /** GitHub offers the job an ID token: `permissions: id-token: write`. */
  readonly hasIdToken: boolean;
  /** The names of the auth method and of the audience, also in a terminal, which logs in in another way. */
  readonly nomadLoginNames: { readonly method: string | undefined; readonly audience: string | undefined };
  /** The way to a cluster that the runner does not reach itself. */
  readonly nomadVia: Via | undefined;
  /** Headers of every request, beside those of Nomad itself. */
  readonly nomadHeaders: Readonly<Record<string, Secret>>;
  /** By the scheme of the target's address; one for `http` also counts for `https` where that has none. They may hold a password. */
  readonly proxies: Readonly<Record<'http' | 'https', Sourced<Secret> | undefined>>;
  /** One of the four, or one of the configuration file. */
  readonly environment: string | undefined;
  /** Every branch deploys as the main branch does. */
  readonly mainStyle: boolean;
  /** Name of a builder of buildx; undefined: its own choice. */
  readonly builder: string | undefined;
  /** Seconds since the epoch, if the image and its files are to have one date. */
  readonly sourceDateEpoch: string | undefined;
  /** The runner's variables for buildx's caches of the type `gha`. */
  readonly cacheService: Readonly<Record<string, Secret>>;
  /** Further registries to log in to. */
  readonly registryAuth: readonly RegistryLogin[];
  readonly allowUntrustedEvents: readonly UntrustedEvent[];
  /** Secrets of the workload, by name: see secret-names.ts. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** The names of the secrets that have a value: a pull request of a fork has the names alone. */
  readonly givenSecrets: readonly string[];
  /** True: items of other writers are removed from the variables of the secrets. */
  readonly replaceItems: boolean;
  /** Address of the signed attestation of the image. */
  readonly attestation: string | undefined;
  /** The name of the tag for the version of this run; undefined: made of the commit. */
  readonly tag: string | undefined;
  /** The goal of a rollback: the number of a version, a tag, a commit, or `-1`; undefined: the last healthy version before the newest. */
  readonly to: string | undefined;
  /** The end of a freeze; undefined: none. */
  readonly until: Until | undefined;
  /** The age at which `sweep` removes a review app; undefined: with its branch. */
  readonly ttlMs: number | undefined;
  readonly meta: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
  /** A program and its arguments, of the terminal program alone. */
  readonly program: readonly [string, ...string[]] | undefined;
  readonly webhook: Webhook | undefined;
  readonly prometheus: Prometheus | undefined;
  /** Consul's HTTP API, for the checks of services there. */
  readonly consul: { readonly address: string; readonly token: Secret | undefined } | undefined;
  /** For GitHub's API. */
  readonly githubToken: Secret | undefined;
  /** Fingerprints of the approved plans, or `merged-pull-request`; none: no approval is needed. */
  readonly approvedPlan: readonly string[];
}

/** Names of clusters or apps, wave by wave. */
export type Waves = readonly (readonly string[])[];

/** The values of one app, or of the repository as a whole. */
export interface JobInputs extends Plain<'job'> {
  /** The app; undefined where the run is about the whole repository. */
  readonly app: string | undefined;
  readonly nomadNamespace: string | undefined;
  readonly baseDomain: string | undefined;
  /** The domain is that of the environment as it is, since the configuration file gives it for this environment. */
  readonly ownDomain: boolean;
  /** HCL variables and variables of the built-in template, by name without `NOMAD_VAR_`. */
  readonly vars: Readonly<Record<string, string>>;
  readonly noDeploy: boolean;
  /** Paths or globs of job specs; none: `project.nomad`, else the built-in template. */
  readonly jobs: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly failFast: boolean;
  /** Checks of canaries before they are promoted, and of the application once it is deployed. */
  readonly verify: readonly HttpCheck[];
  /** The commands that run on the cluster before and after the deploy. */
  readonly preDeploy: Hook | undefined;
  readonly postDeploy: Hook | undefined;
  /** The rules over a time, also of `verify`. */
  readonly bake: Bake | undefined;
  /** The time after a success in which the version is watched on; undefined: not at all. */
  readonly watchForMs: number | undefined;
  /** The longest wait for capacity of a group that fits nowhere; 0: not at all, Infinity: until the timeout. */
  readonly placementPatienceMs: number;
}

/** The values of one image. */
export interface ImageInputs extends Plain<'image'> {
  /** The name of the image among several: that of the app, or that in `images`. */
  readonly imageKey: string | undefined;
  readonly image: string | undefined;
  readonly imageVariables: ImageVariables;
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: readonly string[];
  /** By the id that the Dockerfile mounts them by. */
  readonly buildSecrets: Readonly<Record<string, SecretSource<Secret>>>;
  /** Keys and agents for SSH, by the id that the Dockerfile mounts them by. */
  readonly ssh: Readonly<Record<string, SshSource<Secret>>>;
  /** None: the builder's own. */
  readonly platforms: readonly string[];
  /** References, or tags alone; none: made of the event. */
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** Neither `cache-from` nor `cache-to` is given. */
  readonly defaultCache: boolean;
  /** `true`, `false` or attributes; undefined is none. */
  readonly provenance: string | undefined;
  readonly sbom: string | undefined;
  /** A command that is run in the image before it is deployed. */
  readonly test: TestCommand | undefined;
  /** The environment of its container besides the image's own. */
  readonly testEnv: Readonly<Record<string, string>>;
  /** A command line that is run on the runner, with `$IMAGE`. */
  readonly scan: string | undefined;
  /** The registry to log in to, and to push to when `image` names none. */
  readonly registry: string;
  readonly registryUsername: string | undefined;
  /** Undefined: no login. GitHub's own token is the password of GitHub's own registry only, and never sent to another. */
  readonly registryPassword: Secret | undefined;
}

/** A secret of the build: its value, or the file of the workspace that holds it. */
export type SecretSource<T> = { readonly value: T } | { readonly file: string };

/** A key by which the build logs in over SSH, the path of a key or of an agent's socket, or the agent of the runner. */
export type SshSource<T> = SecretSource<T> | 'agent';

/** The values that a build takes. */
export type BuildInputs = ImageInputs &
  Pick<RunInputs, 'command' | 'push' | 'builder' | 'sourceDateEpoch' | 'cacheService' | 'registryAuth'>;

/** The origin of the values: the name of an input or of an environment variable, a place in the configuration file, or `default`. */
export interface Sources {
  readonly inputs: Readonly<Partial<Record<InputName, string>>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Values of one subject, and their sources. */
export interface Slice<Values> {
  readonly values: Values;
  readonly sources: Pick<Sources, 'inputs'> & Partial<Sources>;
}

/** All values of one app and its image. */
export interface Inputs extends RunInputs, JobInputs, ImageInputs {
  readonly sources: Sources;
}

export interface RegistryLogin {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
}

/** A text for the image's shell, or a program with its arguments. */
export type TestCommand = string | readonly [string, ...string[]];

/** The address for results, and the results to post. The address is a credential: a post needs nothing else. */
export interface Webhook {
  readonly url: Secret;
  readonly on: Table['webhook-on']['values'][number];
}

/** The server for queries of a bake, and the value of its header `Authorization`. */
export interface Prometheus {
  readonly address: string;
  readonly authorization: Secret | undefined;
}

/** A value, and the input or variable that gave it. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: string;
}

/** Certificates of Nomad and of the run. Certificates and keys are PEM text, or the path of a file with PEM text. */
export interface TlsInputs {
  readonly cacert: Sourced<string> | undefined;
  readonly clientCert: Sourced<string> | undefined;
  readonly clientKey: Sourced<Secret> | undefined;
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
}

/** The values of the configuration file for the inputs. */
export interface FromFile {
  readonly path: string;
  /** The parts of the file that count here; the first that has a value wins, and of `vars` all, name by name. */
  readonly layers: readonly Layer[];
  /** The names of its environments. */
  readonly environments: readonly string[];
  /** The layer of the environment, one of `layers`. */
  readonly environment?: Layer | undefined;
  /** The environment variable that has the environment's token. */
  readonly tokenEnv?: string | undefined;
  readonly app?: string | undefined;
  readonly cluster?: string | undefined;
  /** The name in `images` of the image that is read. */
  readonly image?: string | undefined;
}

/** The address for ID tokens, and the header of a request. */
export interface IdTokenSource {
  readonly url: string;
  readonly authorization: Secret;
}

/** A jump host, which `ssh` connects to. */
export interface SshVia {
  readonly kind: 'ssh';
  readonly user: string;
  /** Without brackets, also of IPv6. */
  readonly host: string;
  readonly port: number;
  /** Undefined: the agent or the keys of the user. */
  readonly key: Secret | undefined;
  /** Lines of a file `known_hosts`. */
  readonly knownHosts: string;
}

/** A proxy, whose address may hold a user and a password. */
export interface ProxyVia {
  readonly kind: 'proxy';
  readonly address: Secret;
  /** The address without user and password. */
  readonly shown: string;
}

export type Via = SshVia | ProxyVia;
