import { availableParallelism, totalmem } from 'node:os';

const bytesPerTab = 150 * 2 ** 20;

export interface Machine {
  readonly cores: number;
  /** What the process may use: the container's limit where there is one, else the machine's memory. */
  readonly memoryBytes: number;
}

/** How many pages are worth rendering at once: two a core (one waits for the network while the other computes), as far as memory goes. */
export function renderSlots({ cores, memoryBytes }: Machine): number {
  return Math.max(1, Math.min(2 * cores, Math.floor(memoryBytes / bytesPerTab)));
}

export function slotsOfThisMachine(): number {
  const limitBytes = process.constrainedMemory();
  const totalBytes = totalmem();
  // Without a limit some systems say 0, others a number beyond all memory.
  const memoryBytes = limitBytes > 0 ? Math.min(limitBytes, totalBytes) : totalBytes;
  return renderSlots({ cores: availableParallelism(), memoryBytes });
}
