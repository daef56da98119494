// Holds requests and answers against GitHub's own description of its API.
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type Description, githubDescription, type Method, type Part } from '../../scripts/parts/github-api.ts';

/** A request that the description knows. */
export interface Known {
  /** `GET /repos/{owner}/{repo}/deployments`. */
  readonly operation: string;
  /** The values of the path's parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Rules {
  /** What is wrong with a request; a `Known` when nothing is. */
  readonly request: (method: string, path: string, query: URLSearchParams, body: unknown) => Known | readonly string[];
  /** What is wrong with an answer to an operation. */
  readonly answer: (operation: string, status: number, body: unknown) => readonly string[];
  /** The first example of a name, as a start for an answer. */
  readonly example: (name: string) => Record<string, unknown>;
}

/** Reads the description and compiles what it says, each schema when it is first met. */
export async function githubRules(): Promise<Rules> {
  const description = withNull(await githubDescription()) as Description;
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false, logger: false });
  formats.default(ajv);
  ajv.addSchema(description, 'github');
  const compiled = new Map<string, ValidateFunction>();
  const check = (place: string, schema: Part, value: unknown): string[] => {
    const validate = compiled.get(place) ?? ajv.compile(absolute(schema));
    compiled.set(place, validate);
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${place}: ${error.instancePath} ${error.message ?? ''}`);
  };
  const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation, pattern: patternOf(path) })),
  );
  // The more literal path first: `issues/comments/1` is no issue named `comments`.
  routes.sort((a, b) => a.path.split('{').length - b.path.split('{').length);

  return {
    request: (method, path, query, body) => {
      const route = routes.find((one) => one.method === method.toLowerCase() && one.pattern.test(path));
      const groups = route?.pattern.exec(path)?.groups;
      if (route === undefined || groups === undefined) return [`${method} ${path} is no operation of the test server (OPERATIONS)`];
      const operation = `${method} ${route.path}`;
      const parameters = Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
      const known = (route.operation.parameters ?? []).map((part) => resolve(description, part) as unknown as Parameter);
      const given = [
        ...Object.entries(parameters).map((pair) => ['path', ...pair] as const),
        ...[...query].map((pair) => ['query', ...pair] as const),
      ];
      const ofParameters = given.flatMap(([place, name, value]) => {
        const parameter = known.find((one) => one.in === place && one.name === name);
        if (parameter === undefined) return [`${operation}: there is no ${place} parameter ${name}`];
        const typed = resolve(description, parameter.schema)['type'] === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
        return check(`${operation} ${place} ${name}`, parameter.schema, typed);
      });
      const problems = [...ofParameters, ...bodyProblems(operation, route.operation.requestBody?.content, body)];
      return problems.length === 0 ? { operation, parameters } : problems;
    },
    answer: (operation, status, body) => {
      const [method = '', path = ''] = operation.split(' ');
      const answers = description.paths[path]?.[method.toLowerCase() as Method]?.responses ?? {};
      const described = answers[String(status)];
      // What any request may be answered with is not told for each.
      if (described === undefined) return [401, 403, 404, 429, 500, 502, 503].includes(status) ? [] : [`${operation}: no answer ${status}`];
      const schema = (resolve(description, described) as typeof described).content?.['application/json']?.schema;
      return schema === undefined ? [] : check(`${operation} answer ${status}`, schema, body);
    },
    example: (name) => {
      const value = description.components['examples']?.[name]?.['value'];
      return structuredClone(Array.isArray(value) ? value[0] : value);
    },
  };

  function bodyProblems(operation: string, content: Readonly<Record<string, { schema: Part }>> | undefined, body: unknown): string[] {
    const schema = content?.['application/json']?.schema;
    if (schema === undefined) return body === undefined ? [] : [`${operation}: takes no body`];
    // GitHub ignores what it does not know, so that a misspelt field would go unnoticed.
    const strict = schema['properties'] === undefined ? schema : { ...schema, additionalProperties: false };
    return check(`${operation} body`, strict, body ?? null);
  }
}

/** `nullable` of OpenAPI 3.0 as JSON Schema says it: Ajv knows it beside a `type` only. */
function withNull(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withNull);
  const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNull(inner)]));
  return nullable === true ? { anyOf: [{ type: 'null' }, rest] } : rest;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Part;
}

function resolve(description: Description, part: Part): Part {
  if (part.$ref === undefined) return part;
  const [kind = '', name = ''] = part.$ref.split('/').slice(2);
  return resolve(description, description.components[kind]?.[name] ?? {});
}

/** `{path}` of the contents may have slashes. */
function patternOf(path: string): RegExp {
  const source = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    name === 'path' || name === 'ref' ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${source}$`);
}

/** A schema as one of its own: its references lead to the description as a whole. */
function absolute(schema: Part): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"github#/')) as object;
}
