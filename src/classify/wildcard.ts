/**
 * Whether all of `items` fit `pattern`, in which each `star` stands for any run of items, an empty one as well. Takes time in
 * the product of both lengths at worst, whatever the pattern: patterns come from configuration, items from strangers.
 */
export function fits<Part, Item>(
  pattern: ArrayLike<Part>,
  items: ArrayLike<Item>,
  star: Part,
  same: (part: Part, item: Item) => boolean,
): boolean {
  let at = 0;
  let next = 0;
  let lastStar = -1;
  let afterStar = 0;
  while (next < items.length) {
    if (at < pattern.length && pattern[at] === star) {
      lastStar = at++;
      afterStar = next;
    } else if (at < pattern.length && same(pattern[at] as Part, items[next] as Item)) {
      at++;
      next++;
    } else if (lastStar >= 0) {
      // The latest star takes one item more; earlier ones never need to, since the latest can take whatever they could.
      at = lastStar + 1;
      next = ++afterStar;
    } else {
      return false;
    }
  }
  while (at < pattern.length && pattern[at] === star) at++;
  return at === pattern.length;
}

/** Whether `text` fits a pattern in which `*` stands for any run of characters. */
export function fitsText(pattern: string, text: string): boolean {
  return fits(pattern, text, '*', Object.is);
}
