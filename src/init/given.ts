import { looksGenerated, namesSecret } from '../jobspec/index.ts';

/** A value for a file that everybody can read, and the secrets of the repository that stand in it. */
export interface OpenValue {
  readonly value: string;
  readonly secrets: readonly string[];
}

/**
 * Returns the value of an input with expressions in place of its secrets: the whole value where it has a masked text or the login of an address, else each `NAME=value`
 * line that is secret by its name or look.
 */
export function openValue(name: string, value: string, redact: (text: string) => string): OpenValue {
  if (redact(value) !== value || /\/\/[^/\s]*@/.test(value)) {
    const own = name.toUpperCase().replaceAll('-', '_');
    return { value: `\${{ secrets.${own} }}`, secrets: [own] };
  }
  const secrets: string[] = [];
  const lines = value.split('\n').map((line) => {
    const [, key = '', text = ''] = /^\s*([A-Za-z_]\w*)=(.+)$/.exec(line) ?? [];
    if (key === '' || text.includes('${{') || !(namesSecret(key) || looksGenerated(text))) return line;
    secrets.push(key.toUpperCase());
    return `${key}=\${{ secrets.${key.toUpperCase()} }}`;
  });
  return { value: lines.join('\n'), secrets };
}
