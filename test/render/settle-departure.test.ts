import { expect, it } from 'vitest';
import { departure } from '../../src/render/settle-departure.ts';

const from = 'https://www.example.com/a?x=1#top';
const script = { reason: 'scriptInitiated', disposition: 'currentTab' } as const;

it.each([
  ['another page', 'https://www.example.com/b', 'leaves'],
  ['another query', 'https://www.example.com/a?x=2', 'leaves'],
  ['another host', 'https://other.example/', 'leaves'],
  ['the same page', 'https://www.example.com/a?x=1', 'reloads'],
  ['the same page at another place', 'https://www.example.com/a?x=1#end', 'reloads'],
  ['another program', 'mailto:a@example.com', 'stays'],
])('a script that goes to %s', (_, url, verdict) => {
  expect(departure({ url, ...script }, from)).toBe(verdict);
});

it('a new tab is not this one', () => {
  expect(departure({ url: 'https://other.example/', ...script, disposition: 'newTab' }, from)).toBe('stays');
});

it('a posted form is no redirect', () => {
  const posted = { url: 'https://www.example.com/b', reason: 'formSubmissionPost', disposition: 'currentTab' } as const;
  expect(departure(posted, from)).toBe('posts');
});
