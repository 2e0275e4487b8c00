import { error, type Finding, ok, warning } from './finding.ts';

/** No clock can be right that shows a time before this program was written. */
const earliest = Date.UTC(2025, 0, 1);
const tolerableMs = 60_000;

/** `originDate` is the `Date` field of the application's answer, if there was one. */
export function clockFinding(now: number, originDate: string | undefined): Finding {
  const subject = 'clock';
  const shown = new Date(now).toISOString();
  if (now < earliest)
    return error(subject, `${shown} is in the past`, 'set the clock (ntp): freshness and certificates go by it');
  const theirs = Date.parse(originDate ?? '');
  if (Number.isNaN(theirs)) return ok(subject, shown);
  const apart = Math.abs(now - theirs);
  if (apart <= tolerableMs) return ok(subject, `${shown}, as the application's`);
  const says = `${Math.round(apart / 1000)} s ${now > theirs ? 'ahead of' : 'behind'} the application's`;
  return warning(subject, says, 'set both clocks (ntp): Last-Modified and freshness are compared between them');
}
