import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { groupLives } from '../../src/render/process-group.ts';
import { attachLoadSettler } from '../fakes/load-settler.ts';
import { type ChromiumProcesses, chromiumProcesses, until } from './processes.ts';
import { html, type Pages, renderFixture } from './render-fixture.ts';

/**
 * A page that is never done the first time, since its script does not come; that is when `strike` is called. The second time
 * it comes at once.
 */
function pagesThat(strike: (processes: ChromiumProcesses) => void): Pages & { readonly strikes: () => number } {
  let asked = 0;
  const pages: Pages = (request, response) => {
    if (request.url !== '/slow.js') {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(html(request.url === '/slow' ? '<p>slow</p><script src="/slow.js"></script>' : '<p>quick</p>'));
      return;
    }
    asked += 1;
    if (asked === 1) void chromiumProcesses().then(strike);
    else response.writeHead(200, { 'content-type': 'text/javascript' }).end('');
  };
  return Object.assign(pages, { strikes: () => asked });
}

const harmless = pagesThat(() => {});

describe.skipIf(process.platform !== 'linux')('Chromium', () => {
  it.each([
    ['the browser dies', 'SIGKILL', undefined],
    ['a renderer process dies', 'SIGKILL', '--type=renderer'],
  ] as const)('is replaced when %s, and the render under way is made again', async (_, signal, type) => {
    const pages = pagesThat(({ leader, members }) => {
      const victims = type ? [...members].filter(([, line]) => line.includes(type)).map(([pid]) => pid) : [leader];
      for (const victim of victims) process.kill(victim, signal);
    });
    await using fixture = await renderFixture(pages, { tabs: 1 }, attachLoadSettler);
    await fixture.engine.warm();
    expect((await fixture.render('/slow')).html).toContain('slow');
    expect(pages.strikes()).toBe(2);
    expect((await fixture.render('/quick')).html).toContain('quick');
  });

  it('is replaced within five seconds when it hangs, and the render under way is not lost', async () => {
    const stopped = Promise.withResolvers<void>();
    const pages = pagesThat(({ leader }) => {
      process.kill(leader, 'SIGSTOP');
      stopped.resolve();
    });
    await using fixture = await renderFixture(pages, { tabs: 1, timeoutMs: 20_000 }, attachLoadSettler);
    await fixture.engine.warm();
    const rendering = fixture.render('/slow');
    await stopped.promise;
    const isHeard = async () =>
      fixture.events.some((event) => event.type === 'browser.stopped' && event.reason === 'hung');
    await until(isHeard, 5000);
    expect((await rendering).html).toContain('slow');
  });

  it('leaves no process and no profile behind when it is closed', async () => {
    const fixture = await renderFixture(harmless, { tabs: 2 }, attachLoadSettler);
    await fixture.engine.warm();
    const { leader, members } = await chromiumProcesses();
    const profile = /--user-data-dir=([^\0]+)/.exec(members.get(leader) ?? '')?.[1] ?? '';
    expect(existsSync(profile)).toBe(true);
    await fixture[Symbol.asyncDispose]();
    expect(await groupLives(leader)).toBe(false);
    expect(existsSync(profile)).toBe(false);
  });

  it('is gone soon after it is closed, though it answers nothing any more', async () => {
    const fixture = await renderFixture(harmless, { tabs: 2 }, attachLoadSettler);
    await fixture.engine.warm();
    const { leader, members } = await chromiumProcesses();
    for (const member of members.keys()) process.kill(member, 'SIGSTOP');
    const begun = performance.now();
    await fixture[Symbol.asyncDispose]();
    // Two seconds for its manners, and then it is killed; no tab is waited for.
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(await groupLives(leader)).toBe(false);
  });

  it('knows none of our secrets', async () => {
    process.env.PREFACE_ADMIN_TOKEN = 'a-secret-of-the-test';
    try {
      await using fixture = await renderFixture(harmless, { tabs: 1 }, attachLoadSettler);
      await fixture.engine.warm();
      const { members } = await chromiumProcesses();
      expect(members.size).toBeGreaterThan(2);
      for (const member of members.keys()) {
        expect(await readFile(`/proc/${member}/environ`, 'utf8')).not.toContain('a-secret-of-the-test');
      }
    } finally {
      delete process.env.PREFACE_ADMIN_TOKEN;
    }
  });

  it('ends by itself when our process is killed, and its profile goes at the next start', async () => {
    const { child, pid, profile } = await startElsewhere();
    expect(await groupLives(pid)).toBe(true);
    child.kill('SIGKILL');
    await until(async () => !(await groupLives(pid)), 5000);
    await using fixture = await renderFixture(harmless, { tabs: 1 }, attachLoadSettler);
    await fixture.engine.warm();
    expect(existsSync(profile)).toBe(false);
  });
});

/** A process of its own with a Chromium, as the proxy is one. */
async function startElsewhere(): Promise<{ child: ChildProcess; pid: number; profile: string }> {
  const program = path.resolve(import.meta.dirname, '../fixtures/hold-chromium.ts');
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, ...JSON.parse(String(line)) };
}
