import { z } from 'zod';
import { type Prefix, type PublicInternet, readPrefix } from './networks.ts';

/** The form that Google gave these lists and that the other operators have taken over. */
const published = z.object({
  prefixes: z
    .array(z.union([z.object({ ipv4Prefix: z.string() }), z.object({ ipv6Prefix: z.string() })]))
    .min(1)
    .max(20_000),
});

/** Networks larger than these belong to nobody's crawler: a list that has one is broken or was tampered with. */
const shortest = { ipv4: 8, ipv6: 19 };

/** The networks of a published list. Throws for a list that has another form, or that claims what cannot be. */
export function publishedRanges(text: string, internet: PublicInternet): readonly Prefix[] {
  const { prefixes } = published.parse(JSON.parse(text));
  return checkedRanges(
    prefixes.map((entry) => ('ipv4Prefix' in entry ? entry.ipv4Prefix : entry.ipv6Prefix)),
    internet,
  );
}

/** One impossible entry spoils the list: nobody can say then what the others are worth. */
export function checkedRanges(entries: readonly string[], internet: PublicInternet): readonly Prefix[] {
  return entries.map((entry) => {
    const prefix = readPrefix(entry);
    if (prefix === undefined) throw new Error(`not a network in CIDR notation: ${entry}`);
    if (prefix.length < shortest[prefix.family]) throw new Error(`too large a network for a crawler: ${entry}`);
    if (!internet.hasAllOf(prefix)) throw new Error(`not a public network: ${entry}`);
    return prefix;
  });
}
