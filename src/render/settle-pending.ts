import type { FrameOperation, FrameTree } from './settle-frames.ts';
import type { Pending } from './settle-judge.ts';
import type { NetworkAccount } from './settle-network.ts';
import type { SettleRules } from './settle-rules.ts';
import type { Workers } from './settle-workers.ts';

interface Accounts {
  readonly network: NetworkAccount;
  readonly frames: FrameTree;
  readonly workers: Workers;
}

/** Everything under way, from the accounts of the network, the frames and the workers, each thing once. */
export function pendingThings({ network, frames, workers }: Accounts, rules: SettleRules): Pending[] {
  const operations = frames.operations();
  const unread = operations.filter(({ kind }) => kind === 'unread').map(({ label }) => label);
  return [
    ...network.open(unread),
    ...operations.flatMap((operation) => ofFrame(operation, network, rules)),
    ...workers.open(
      operations.filter(({ kind }) => kind === 'worker'),
      frames.restingSinceMs,
    ),
  ];
}

function ofFrame({ kind, label, sinceMs }: FrameOperation, network: NetworkAccount, rules: SettleRules): Pending[] {
  switch (kind) {
    case 'worker':
    case 'unread':
      return [];
    case 'fetch':
    case 'xhr':
      return network.knows(label) ? [] : [{ kind: 'request', label, sinceMs }];
    case 'hope':
      return [{ kind: 'hope', label, sinceMs }];
    case 'question':
      return [
        {
          kind: 'channel',
          label,
          sinceMs,
          untilMs: sinceMs + rules.questionMs,
          fondUntilMs: sinceMs + rules.network.patienceMs,
        },
      ];
    case 'document interactive':
      // What is still loading is in the network's account; what is left is the load event, or media that never end.
      return [{ kind: 'work', label, sinceMs, untilMs: network.progressMs + rules.loadEventMs }];
    default:
      return [{ kind: 'work', label, sinceMs }];
  }
}

/** The same in words, with the timers that wait; at most twenty. */
export function pendingWords({ network, frames }: Accounts): string[] {
  const own = frames.operations().filter(({ kind, label }) => kind !== 'unread' && !network.knows(label));
  const labels = [...network.open(), ...own].map(({ label }) => label);
  return [...new Set([...labels, ...frames.waiting])].slice(0, 20);
}
