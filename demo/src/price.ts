const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR', minimumFractionDigits: 0 });

/** `€148`, or `€12.50` where there are cents. */
export function priceText(cents: number): string {
  return euros.format(cents / 100);
}
