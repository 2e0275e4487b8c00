import { expect, it } from 'vitest';
import { renderSlots } from '../../src/render/render-slots.ts';

const gigabyte = 2 ** 30;

it.each([
  ['two a core', { cores: 2, memoryBytes: 8 * gigabyte }, 4],
  ['as far as memory goes', { cores: 16, memoryBytes: gigabyte }, 6],
  ['one on the smallest machine', { cores: 1, memoryBytes: gigabyte / 16 }, 1],
])('renders %s', (_, machine, slots) => {
  expect(renderSlots(machine)).toBe(slots);
});
