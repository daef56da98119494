// The bill of materials of dist/, in CycloneDX 1.6: scripts/build.ts writes it beside the licences, so `npm run check` holds it, and the release attests it.
//
// `npm sbom` lists what is installed, which here is development packages only, and stamps a time and a random number. This lists the packages that have code in
// the bundle, and the same source gives the same bytes.

/** A package with code in the bundle. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** Its licence, as SPDX names it. */
  readonly license: string;
  /** Its key in package-lock.json, such as `node_modules/undici`. */
  readonly path: string;
}

/** The parts of package-lock.json that are read. */
export interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly integrity?: string; readonly dependencies?: Readonly<Record<string, string>> } | undefined>
  >;
}

/** The parts of package.json that are read: ours, whose own code the bundle is. */
export interface Own {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Returns the address of an npm package by https://github.com/package-url/purl-spec. */
const purlOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** Returns the checksum of a package's archive in the form of CycloneDX. Throws when the lock file has none. */
function hashOf({ path }: Bundled, { packages }: Lock): { readonly alg: string; readonly content: string } {
  const [, base64] = /^sha512-(\S+)$/.exec(packages[path]?.integrity ?? '') ?? [];
  if (base64 === undefined) throw new Error(`package-lock.json has no SHA-512 of ${path}, which is bundled`);
  return { alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') };
}

/** Returns the bill of materials as JSON, with the components in the order of `bundled`. Throws for a package that the lock file does not know. */
export function billOfMaterials(own: Own, bundled: readonly Bundled[], lock: Lock): string {
  const refs = new Map(bundled.map((one) => [one.name, purlOf(one)]));
  const needs = (names: Readonly<Record<string, string>> = {}): string[] =>
    Object.keys(names)
      .flatMap((name) => refs.get(name) ?? [])
      .sort();
  const licenses = (id: string): readonly object[] => [{ license: { id } }];
  const { name, version, license, devDependencies } = own;
  const root = purlOf(own);
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: { type: 'application', 'bom-ref': root, name, version, licenses: licenses(license), purl: root },
    },
    components: bundled.map((one) => ({
      type: 'library',
      'bom-ref': purlOf(one),
      name: one.name,
      version: one.version,
      hashes: [hashOf(one, lock)],
      licenses: licenses(one.license),
      purl: purlOf(one),
    })),
    dependencies: [
      { ref: root, dependsOn: needs(devDependencies) },
      ...bundled.map((one) => ({ ref: purlOf(one), dependsOn: needs(lock.packages[one.path]?.dependencies) })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
