/** Which addresses a follow-up may reach: only such as the public internet routes. */
import ipaddr from 'ipaddr.js';

/** Inside a public range, and yet a cloud's metadata: Azure's. All other clouds' are in ranges that are refused as a whole. */
const metadataAddresses = new Set(['168.63.129.16']);

/** The only IPv6 range that is given out to the public internet: everything outside, known today or not, is something else. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Why this IP address is refused, in one or two words, or null where it is public. IPv6 addresses that carry an IPv4 address (mapped, compatible,
 * 6to4, Teredo, NAT64) are refused whatever they carry: how they are routed depends on the network that we run in.
 */
export function refusalOf(address: string): string | null {
  if (!ipaddr.isValid(address)) return 'not an IP address';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== 'unicast') return range;
  if (parsed.kind() === 'ipv6') return parsed.match(globalUnicast) ? null : 'not public';
  return metadataAddresses.has(parsed.toString()) ? 'metadata' : null;
}
