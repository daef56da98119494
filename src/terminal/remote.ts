/** The repository that a remote names. */
export interface Remote {
  /** The address of the server's pages, such as `https://github.com`. */
  readonly server: string;
  /** `owner/name`; on a server with groups in groups, the whole path. */
  readonly repository: string;
}

/** Hosts that serve Git only, and the host of their pages. See https://docs.github.com/authentication/troubleshooting-ssh/using-ssh-over-the-https-port */
const PAGES: Readonly<Record<string, string>> = { 'ssh.github.com': 'github.com', 'www.github.com': 'github.com' };

/**
 * Returns the repository of a remote's address, without credentials: `https://github.com/owner/name.git`, `git@github.com:owner/name`,
 * `ssh://git@ghe.example.com:2222/owner/name`. Undefined for a folder. See https://git-scm.com/docs/git-clone#_git_urls
 */
export function parseRemote(address: string): Remote | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) && URL.canParse(address) ? new URL(address) : undefined;
  const [, short = '', rest = ''] = url === undefined ? (/^(?:[^@/]+@)?(\[[^\]/]+\]|[^:/@\\]{2,}):(?!\\)(.+)$/.exec(address) ?? []) : [];
  const web = url?.protocol === 'https:' || url?.protocol === 'http:';
  // The port of SSH is not that of the pages.
  const host = web ? url.host : (url?.hostname ?? short);
  const repository = (url === undefined ? rest : decoded(url.pathname)).replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  if (host === '' || !/^[^/\s]+(\/[^/\s]+)+$/.test(repository)) return undefined;
  return { server: `${url?.protocol === 'http:' ? 'http' : 'https'}://${PAGES[host.toLowerCase()] ?? host.toLowerCase()}`, repository };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
