// Job specs for tests of the watcher: shell commands by raw_exec, with deadlines of seconds.

/** A task that runs a shell command. */
export const task = (command: string, { name = 't', more = '' } = {}): string => `
task "${name}" {
  driver = "raw_exec"
  config {
    command = "/bin/sh"
    args    = ["-c", ${JSON.stringify(command)}]
  }
  resources {
    cpu    = 10
    memory = 16
  }
  ${more}
}
`;

/** Nothing is tried a second time. */
export const ONCE = `
restart {
  attempts = 0
  mode     = "fail"
}
reschedule {
  attempts  = 0
  unlimited = false
}
`;

/** The same for kinds of jobs that know no rescheduling. */
export const NO_RESTART = `
restart {
  attempts = 0
  mode     = "fail"
}
`;

/** Deadlines of seconds; `more` comes on top. */
export const update = (more = ''): string => `
update {
  min_healthy_time  = "500ms"
  healthy_deadline  = "5s"
  progress_deadline = "6s"
  ${more}
}
`;

export const group = (name: string, ...parts: readonly string[]): string => `group "${name}" {\n${parts.join('\n')}\n}\n`;

/** The files of a repository with this job. */
export const repository = (id: string, type: string, ...parts: readonly string[]): { readonly 'project.nomad': string } => ({
  'project.nomad': `job "${id}" {\n  type = "${type}"\n${parts.join('\n')}\n}\n`,
});

export const STAY = 'exec sleep 1000';
