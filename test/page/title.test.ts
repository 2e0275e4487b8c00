import { expect, it } from 'vitest';
import { titleIn } from '../../src/page/title.ts';

it.each([
  ['<title>A &amp; B &lt;3</title>', 'A & B <3'],
  ['<head><TITLE lang="en">\n A\n</TITLE>', 'A'],
  ['<title></title>', undefined],
  ['<p>none</p>', undefined],
])('%j is entitled %j', (html, title) => {
  expect(titleIn(html)).toBe(title);
});
