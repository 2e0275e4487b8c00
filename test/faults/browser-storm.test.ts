import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { groupLives } from '../../src/render/process-group.ts';
import { type ChromiumProcesses, chromiumProcesses } from '../browser/processes.ts';
import { html, type Pages, renderFixture } from '../browser/render-fixture.ts';
import { attachLoadSettler } from '../fakes/load-settler.ts';

const rounds = 10;
const rendersARound = 12;

const pages: Pages = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end(html(`<p>page ${request.url}</p><script>done = false; setTimeout(() => { done = true }, 100)</script>`));
};

type Strike = (processes: ChromiumProcesses) => void;

const killAll =
  (type: string): Strike =>
  ({ members }) => {
    for (const [pid, line] of members) if (line.includes(`--type=${type}`)) process.kill(pid, 'SIGKILL');
  };

/** What happens to Chromium, round by round. */
const strikes: readonly Strike[] = [
  ({ leader }) => process.kill(leader, 'SIGKILL'),
  killAll('renderer'),
  ({ leader }) => process.kill(leader, 'SIGSTOP'),
  killAll('utility'),
  killAll('gpu-process'),
];

it(
  'loses no render while Chromium is killed and stopped again and again, and leaves nothing behind',
  async () => {
    const leaders = new Set<number>();
    {
      const settings = { tabs: 2, maxWaiting: 100, timeoutMs: 30_000 };
      await using fixture = await renderFixture(pages, settings, attachLoadSettler);
      await fixture.engine.warm();
      for (let round = 0; round < rounds; round += 1) {
        const renders = Array.from({ length: rendersARound }, (_, index) => fixture.render(`/${round}-${index}`));
        const answers = Promise.allSettled(renders);
        await renders[1];
        const processes = await chromiumProcesses();
        leaders.add(processes.leader);
        strikes[round % strikes.length]?.(processes);
        const lost = (await answers).flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
        expect({ round, lost }).toEqual({ round, lost: [] });
      }
      expect(fixture.room.notReady()).toEqual([]);
    }
    for (const leader of leaders) expect(await groupLives(leader)).toBe(false);
    const mine = (await readdir(tmpdir())).filter(
      (name) => name.includes(`-${process.pid}-`) && name.startsWith('preface-'),
    );
    expect(mine).toEqual([]);
  },
  10 * 60_000,
);
