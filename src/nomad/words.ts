// Texts of Nomad's API that decide something, where neither the status nor the form of the answer tells. `recorded/` of the fixtures has Nomad's answers by
// version (`npm run record`); a test holds each pattern against them.

/** A text of Nomad, after the prefixes of its RPC layer. */
export interface Words {
  readonly pattern: RegExp;
  /** The recorded versions with that text; none for a text that was read in Nomad's source only. */
  readonly seen: readonly string[];
}

/** All recorded versions. */
export const EVERY: readonly string[] = ['1.9.7', '1.10.5', '1.11.3', '2.0.6'];

export const API_WORDS = {
  /** The job has changed since the plan. Where the text is another one, the modify index of the job tells it. */
  conflict: { pattern: /^Enforcing job modify index/, seen: EVERY },
  /** The asked server gave the call to no leader: a write may be repeated. */
  neverSent: { pattern: /^No cluster leader$|\bfailed to get conn\b/, seen: EVERY },
  /** An election, or a lost connection between servers: the call may have taken effect, and may be repeated if it changes nothing. */
  lost: {
    pattern:
      /Not ready to serve consistent reads|lead thread didn't get connection|connection (?:refused|reset)|broken pipe|\bEOF$|i\/o timeout|(?:session|stream) (?:shutdown|closed)|^shutdown$|leadership (?:lost|transfer)|node is not the leader/,
    seen: [],
  },
  /** A refusal of the job itself, which a repetition does not change. */
  refused: { pattern: /^\d+ errors? occurred:/, seen: EVERY },
  /** A token that Nomad refuses with status 500. Where the text is another one, a call without the token tells it. */
  deniedToken: { pattern: /^ACL token (?:expired|not found)$|\bacl token lookup failed\b/, seen: EVERY },
  /** A status 403 that no right of a token changes. */
  disabled: { pattern: /are disabled by the scheduler configuration$/, seen: EVERY },
  /** A status 403 of Nomad, not of a proxy. */
  denied: { pattern: /^Permission denied$|^ACL token not found$/, seen: EVERY },
  /** A status 404 of Nomad, not of a proxy that took the header `X-Nomad-Index` away. */
  notFound: { pattern: /^(?!404)[\w\s]+ not found$/, seen: EVERY },
  /** A task without a log: with another text of status 404, the log is gone. */
  noLog: { pattern: /not started yet\. No logs available$|^log entry for task .* not found$/, seen: EVERY },
  /** A function of HCL that only Nomad's program has. */
  fileFunction: { pattern: /filesystem function disabled/, seen: EVERY },
  /** A field that the version of a parser does not know. */
  unknownField: { pattern: /^Unsupported (?:argument|block type)\b/, seen: EVERY },
  /** A part of the language that the version of a parser does not know. */
  unknownWord: { pattern: /^(?:Call to unknown function|Invalid type specification)\b/, seen: [] },
  /** A diagnostic that only follows from another one. */
  follows: { pattern: /value must be known/, seen: EVERY },
  /** The place of a diagnostic: the line, and the column. */
  place: { pattern: /(?:input\.hcl|stdin):(\d+),(\d+)/, seen: EVERY },
  /** The variable whose value is not of the declared type, and why. */
  valueType: {
    pattern: /^Invalid value for variable; The value for (\S+) is not compatible with the variable's type constraint: ([\s\S]*)$/,
    seen: EVERY,
  },
  /** The rule that a value breaks, and the line and the column of that rule. */
  valueRule: {
    pattern:
      /^Invalid value for \w+ variable; ([\s\S]*?)(?<!\s)\s*This was checked by the validation rule at [^\n]{0,200}?:(\d+),(\d+)(?:[,-][\d,-]*)?\.$/,
    seen: EVERY,
  },
  /** A value of the wrong type in a job object: the type that was sent, the field, the type that is wanted. */
  wrongType: { pattern: /cannot unmarshal (\S+) into Go struct field \w+\.Job\.(\S+) of type (\S+)/, seen: EVERY },
  /** A batch job that Nomad ended at the limit of its group, where neither an event nor the time of the kill tells. */
  runLimit: { pattern: /\bmax_run_duration\b/, seen: ['2.0.6'] },
} satisfies Record<string, Words>;
