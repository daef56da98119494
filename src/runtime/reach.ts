import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** The reach of an address: the internet, a private network, or this machine and its link. */
export type Reach = 'public' | 'private' | 'local';

const ORDER: readonly Reach[] = ['public', 'private', 'local'];

/** Returns whether a kind of address is allowed where `allowed` is the widest kind. */
export function within(kind: Reach, allowed: Reach): boolean {
  return ORDER.indexOf(kind) <= ORDER.indexOf(allowed);
}

function list(...ranges: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const found = new BlockList();
  for (const [address, prefix] of ranges) found.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4');
  return found;
}

/** Returns the networks. They are made at their first use, because that takes milliseconds of the start. */
const networks = (): Readonly<Record<'private' | 'local' | 'globalV6' | 'metadata', BlockList>> => ({
  /** RFC 1918, RFC 6598 (carrier-grade NAT) and RFC 4193. */
  private: list(['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10], ['fc00::', 7]),
  /** This machine, the link (with the metadata of clouds), multicast and reserved: https://www.iana.org/assignments/iana-ipv4-special-registry */
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
    // Within the public range: IPv4 in IPv6 (Teredo, 6to4), and documentation.
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
  ),
  globalV6: list(['2000::', 3]),
  /** Addresses of a cloud's metadata among the private ones. */
  metadata: list(['100.100.100.200', 32], ['fd00:ec2::254', 128]),
});
let known: ReturnType<typeof networks> | undefined;

/** Returns the kind of an IP address; undefined for a name. */
export function reachOf(address: string): Reach | undefined {
  const plain = address.replace(/^\[|\]$/g, '');
  if (!isIPv4(plain) && !isIPv6(plain)) return undefined;
  const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
  known ??= networks();
  const isIn = (network: BlockList): boolean => network.check(plain, family);
  if (isIn(known.metadata)) return 'local';
  if (isIn(known.private)) return 'private';
  // IPv4 within IPv6, and all other addresses that are not assigned as public, count as local.
  return isIn(known.local) || (family === 'ipv6' && !isIn(known.globalV6)) ? 'local' : 'public';
}
