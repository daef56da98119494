// Pages of Nomad's UI. An agent at a socket has no pages for a browser.

interface JobNames {
  readonly jobId: string;
  readonly namespace: string;
  readonly region: string | undefined;
}

function page(address: string | undefined, path: string, region: string | undefined): string | undefined {
  if (address === undefined || address.startsWith('unix:')) return undefined;
  return `${address}/ui/${path}${region === undefined ? '' : `?region=${encodeURIComponent(region)}`}`;
}

/** Returns the page of a job; undefined without an address, and for a socket. */
export function jobPage(address: string | undefined, { jobId, namespace, region }: JobNames): string | undefined {
  return page(address, `jobs/${encodeURIComponent(jobId)}@${encodeURIComponent(namespace)}`, region);
}

/** Returns the page of an allocation; undefined without an address, and for a socket. */
export function allocationPage(address: string | undefined, id: string, region: string | undefined): string | undefined {
  return page(address, `allocations/${encodeURIComponent(id)}`, region);
}

/** Returns the page of a job's versions or deployments, from the job's own. */
export function tabOf(page: string, tab: 'versions' | 'deployments'): string {
  const [path = '', query] = page.split('?');
  return `${path}/${tab}${query === undefined ? '' : `?${query}`}`;
}

/** Returns whether a URL is a page of a job at an address. */
export function isJobPage(url: string, address: string): boolean {
  return url.startsWith(`${address}/ui/jobs/`);
}
