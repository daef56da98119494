// The policies that docs/authentication.md shows, from the table of `target/`.
import { beforeFinePolicies, FEATURES, featureNames, policyText } from '../src/target/policies.ts';

const SCOPE = { namespace: 'default', jobId: 'acme-shop' };

/** The policies of the page, by their file names. */
const FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(featureNames.map((name) => [`${name}.hcl`, policyText(FEATURES[name].rules, SCOPE)])),
  'older.hcl': policyText(beforeFinePolicies(FEATURES.deploy.rules), SCOPE),
};

/** Returns the page with each policy as the table has it. Throws for a policy without a block, and for a block without a policy. */
export function fillPolicies(page: string): string {
  const shown = new Set<string>();
  const filled = page.replaceAll(/^```hcl (\S+\.hcl)\n.*?^```$/gms, (_block, name: string) => {
    const text = FILES[name];
    if (text === undefined) throw new Error(`there is no feature ${name.replace(/\.hcl$/, '')}`);
    shown.add(name);
    return `\`\`\`hcl ${name}\n${text}\`\`\``;
  });
  const missing = Object.keys(FILES).filter((name) => !shown.has(name));
  if (missing.length > 0) throw new Error(`there is no block for ${missing.join(', ')}`);
  return filled;
}
