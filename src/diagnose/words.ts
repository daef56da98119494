import { EVERY, type Words } from '../nomad/index.ts';

/** Texts of allocations and of their events that decide something. `recorded/` of the fixtures has them by version. */
export const EVENT_WORDS = {
  /** The allocation that preempted this one, where the field for it is missing. */
  preempted: { pattern: /^Preempted by alloc(?: ID)? (\S+)/, seen: EVERY },
  /** The move of an allocation from its node, where the field for it is missing. */
  drained: { pattern: /^alloc is being migrated$/, seen: EVERY },
  /** The check whose failures restart a task. */
  failingCheck: { pattern: /healthcheck: check "([^"]*)"/, seen: EVERY },
  /** A restart that a person asked for. */
  askedRestart: { pattern: /^User requested\b/, seen: EVERY },
  /** The data that a template waits for. */
  missingData: { pattern: /^Missing:\s*(.*)$/s, seen: EVERY },
  /** Why a template failed. */
  templateFailed: { pattern: /^Template failed: (.*)$/, seen: EVERY },
  /** Why a template with `env = true` is no list of variables. */
  envTemplate: { pattern: /error parsing env template .{0,300}?: (error on line .*)$/, seen: EVERY },
  /** The source of a template that does not exist. */
  templateSource: { pattern: /failed to read template: .{0,300}failed to open source file "([^"]+)"/, seen: EVERY },
  /** The node begins to pull an image. */
  pulling: { pattern: /^Downloading image\b/, seen: [] },
  /** The report of a slow pull. */
  pullProgress: { pattern: /^Docker image pull progress: (.*)$/, seen: [] },
  /** The artifact, and why it was not downloaded. */
  artifact: { pattern: /^failed to download artifact "([^"]+)": (.*)$/, seen: EVERY },
  /** The checksums of an artifact: the expected one, the found one. */
  checksum: { pattern: /checksums did not match(?:.*?Expected: (\S+) Got: (\S+))?/i, seen: EVERY },
  /** The service whose port does not exist, and the port. */
  servicePort: { pattern: /service "([^"]*)": invalid port "([^"]*)": port label not found/, seen: EVERY },
  /** The name of a check that has none in the spec. */
  unnamedCheck: { pattern: /^service: "/, seen: EVERY },
  /** The port of a node that is in use: its label, and its number. */
  portCollision: { pattern: /^network: (?:reserved )?port collision (\S+)=(\d+)/, seen: EVERY },
  minHealthyTime: { pattern: /min_healthy_time of (\S+)/, seen: EVERY },
  healthyDeadline: { pattern: /by healthy_deadline of (\S+)/, seen: EVERY },
  /** The services in Consul whose checks did not pass. */
  inConsul: { pattern: /Services not healthy by deadline: (.*)/, seen: [] },
} satisfies Record<string, Words>;
