/**
 * Who a render is for, as the queue tells clients apart: a network (IPv4 /24, IPv6 /64), or a crawler that has been verified, wherever
 * it asks from. Empty for our own work.
 */
export type RenderClient = string;

const verified = 'verified:';

export function verifiedClient(name: string): RenderClient {
  return verified + name;
}

export function isVerifiedClient(client: RenderClient): boolean {
  return client.startsWith(verified);
}
