// Templates of tasks read Consul, Vault and Nomad variables, which only the real cluster has. A call with a literal path is replaced by a dummy of the same form.
import { ActionError } from '../errors.ts';
import { dummyOf } from './dummies.ts';

/** Functions of consul-template that read Consul or Vault, and have no stand-in. See https://developer.hashicorp.com/nomad/docs/job-specification/template */
const WITHOUT_DUMMY =
  /(?<![\w.$"])(ls|safeLs|tree|safeTree|nodes?|datacenters|partitions|peerings|exportedServices|connect|caRoots|caLeaf|secrets|pkiCert)(?=\s+["`(.$]|\s*(?:$|[|)]))/;

/** A call with a literal as its first argument. */
const CALL =
  /(?<![\w.$"])(secret|keyExists|keyOrDefault|key|services?|nomadVar|nomadVarExists)(?![\w"])(?:[ \t]+("(?:[^"\\\n]|\\.)*"|`[^`]*`))?/g;

interface Templated {
  readonly text: string;
  /** The replaced calls, such as `secret "kv/db"`. */
  readonly replaced: readonly string[];
}

/**
 * Returns the text of a template with dummies. `own` are the paths of the Nomad variables that this run writes. Throws `input-invalid` for a function without a
 * stand-in; `where` names the template.
 */
export function withDummies(
  text: string,
  { where, own, delimiters }: { readonly where: string; readonly own: readonly string[]; readonly delimiters: readonly [string, string] },
): Templated {
  const replaced: string[] = [];
  const changed = inActions(text, delimiters, (action) => {
    const [, unknown] = WITHOUT_DUMMY.exec(action) ?? [];
    if (unknown !== undefined) {
      throw new ActionError('input-invalid', `${where} uses \`${unknown}\`, which only Consul or Vault of the real cluster can answer`, {
        hint: 'A rehearsal has dummies for `key`, `keyOrDefault`, `keyExists`, `service`, `secret` and `nomadVar` with a literal path.',
      });
    }
    return action.replace(CALL, (call: string, name: string, literal: string | undefined) => {
      const dummy = dummyCall(name, literal?.slice(1, -1), text, own);
      if (dummy === undefined) return call;
      replaced.push(call);
      return dummy;
    });
  });
  // A default follows its key, and is the value without Consul.
  return { text: changed, replaced: [...new Set(replaced)] };
}

/** Returns the text that replaces a call; undefined for a call that stays. */
function dummyCall(name: string, path: string | undefined, text: string, own: readonly string[]): string | undefined {
  if (name === 'services') return 'nomadServices';
  if (path === undefined) return undefined;
  const last = path.slice(path.lastIndexOf('/') + 1);
  switch (name) {
    case 'service':
      // `tag.name@datacenter`
      return `nomadService ${JSON.stringify(path.replace(/@.*$/, '').replace(/^.*\./, '').replace(/\|.*$/, ''))}`;
    case 'key':
      return JSON.stringify(dummyOf(last, ''));
    case 'keyExists':
    case 'nomadVarExists':
      return own.includes(path) ? undefined : 'true';
    case 'keyOrDefault':
      // With one more argument, `or` gives the first that is not empty: the default.
      return 'or ""';
    case 'secret': {
      const fields = fieldsOf(text, /\.Data\.(?:data\.)?([A-Za-z_]\w*)/g, /index\s+\.Data(?:\.data)?\s+"([^"\n]+)"/g);
      return `parseJSON ${JSON.stringify(JSON.stringify({ Data: { ...fields, data: fields } }))}`;
    }
    case 'nomadVar': {
      if (own.includes(path)) return undefined;
      const fields = fieldsOf(text, /(?<![\w)])\.([A-Za-z_]\w*)/g, /index\s+\.\s+"([^"\n]+)"/g);
      const items = Object.entries(fields).map(([key, value]) => [key, /\.Value\b/.test(text) ? { Value: value } : value]);
      return `parseJSON ${JSON.stringify(JSON.stringify(Object.fromEntries(items)))}`;
    }
    default:
      return undefined;
  }
}

/** Returns a dummy for each name that a template reads. */
function fieldsOf(text: string, ...patterns: readonly RegExp[]): Record<string, string> {
  const names = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name));
  return Object.fromEntries(names.filter((name) => !['data', 'Data', 'Value'].includes(name)).map((name) => [name, dummyOf(name, '')]));
}

/** Changes the text within each pair of delimiters. */
function inActions(text: string, [left, right]: readonly [string, string], change: (action: string) => string): string {
  let [done, at] = ['', 0];
  for (;;) {
    const open = text.indexOf(left, at);
    const close = open < 0 ? -1 : text.indexOf(right, open + left.length);
    if (close < 0) return done + text.slice(at);
    done += text.slice(at, open + left.length) + change(text.slice(open + left.length, close));
    at = close;
  }
}
