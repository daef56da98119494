import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** How far an address is seen: by everybody, in a network of somebody's own, or by this machine and its link only. */
export type Reach = 'public' | 'private' | 'local';

const ORDER: readonly Reach[] = ['public', 'private', 'local'];

/** Whether an address of that kind may be asked where at most the other is allowed. */
export function within(kind: Reach, allowed: Reach): boolean {
  return ORDER.indexOf(kind) <= ORDER.indexOf(allowed);
}

function list(...ranges: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const found = new BlockList();
  for (const [address, prefix] of ranges) found.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4');
  return found;
}

/** The networks, made when they are first asked about: it takes milliseconds of the start. */
const networks = (): Readonly<Record<'private' | 'local' | 'globalV6' | 'metadata', BlockList>> => ({
  /** Of RFC 1918, RFC 6598 (carrier-grade NAT) and RFC 4193. */
  private: list(['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10], ['fc00::', 7]),
  /** This machine, the link (and the metadata of clouds), multicast, and what is reserved: https://www.iana.org/assignments/iana-ipv4-special-registry */
  local: list(
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
    // Within what is public: IPv4 in IPv6 (Teredo, 6to4), and documentation.
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
  ),
  globalV6: list(['2000::', 3]),
  /** An address of a cloud's metadata that stands among the private ones. */
  metadata: list(['100.100.100.200', 32], ['fd00:ec2::254', 128]),
});
let known: ReturnType<typeof networks> | undefined;

/** The kind of an IP address; undefined for a name. */
export function reachOf(address: string): Reach | undefined {
  const plain = address.replace(/^\[|\]$/g, '');
  if (!isIPv4(plain) && !isIPv6(plain)) return undefined;
  const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
  known ??= networks();
  const isIn = (network: BlockList): boolean => network.check(plain, family);
  if (isIn(known.metadata)) return 'local';
  if (isIn(known.private)) return 'private';
  // IPv4 within IPv6, and all else that is not assigned to be public, counts as local.
  return isIn(known.local) || (family === 'ipv6' && !isIn(known.globalV6)) ? 'local' : 'public';
}
