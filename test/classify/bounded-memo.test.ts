import { expect, it } from 'vitest';
import { boundedMemo } from '../../src/classify/bounded-memo.ts';

function counted(size: number) {
  const computed: string[] = [];
  const memo = boundedMemo(size, (argument: string) => {
    computed.push(argument);
    return argument.toUpperCase();
  });
  return { computed, memo };
}

it('computes once what is asked again and again', () => {
  const { computed, memo } = counted(10);
  expect([memo('a'), memo('a'), memo('a')]).toEqual(['A', 'A', 'A']);
  expect(computed).toEqual(['a']);
});

it('keeps what is asked for in a flood of what is not', () => {
  const { computed, memo } = counted(10);
  for (let n = 0; n < 1000; n++) {
    memo('often');
    memo(`once ${n}`);
  }
  expect(computed.filter((argument) => argument === 'often')).toHaveLength(1);
});

it('forgets what was not asked for lately', () => {
  const { computed, memo } = counted(10);
  memo('early');
  for (let n = 0; n < 10; n++) memo(`later ${n}`);
  memo('early');
  expect(computed.filter((argument) => argument === 'early')).toHaveLength(2);
});
