import { expect, it } from 'vitest';
import { isAsciiFieldText, isFieldName, isFieldText } from '../../src/page/field-syntax.ts';

it.each(['X-Key', 'a', "!#$%&'*+-.^_`|~09"])('takes %s for a name', (name) => {
  expect(isFieldName(name)).toBe(true);
});

it.each(['', 'X Key', 'X-Key:', 'X\n', 'é', 'a/b'])('does not take %j for a name', (name) => {
  expect(isFieldName(name)).toBe(false);
});

it.each(['', 'a\tb c', '~'])('lets %j stand in every value', (value) => {
  expect([isFieldText(value), isAsciiFieldText(value)]).toEqual([true, true]);
});

it('lets bytes beyond ASCII stand in a value that came from the wire, and not in one that somebody wrote', () => {
  expect([isFieldText('caf\xe9'), isAsciiFieldText('caf\xe9')]).toEqual([true, false]);
});

it.each(['a\r\nb', 'a\n', '\0', '\x7f', '€'])('lets %j stand in none', (value) => {
  expect([isFieldText(value), isAsciiFieldText(value)]).toEqual([false, false]);
});
