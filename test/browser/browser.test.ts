import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { groupLives } from '../../src/render/process-group.ts';
import { attachLoadSettler } from '../fakes/load-settler.ts';
import { html, type Pages, renderFixture } from './render-fixture.ts';

/** Calls back when the page is half done, so that a test can hit Chromium in the middle of a render. */
function pagesWith(halfDone: () => void): Pages {
  return (request, response) => {
    if (request.url === '/slow.js') {
      halfDone();
      setTimeout(() => response.writeHead(200, { 'content-type': 'text/javascript' }).end(''), 300);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(html(request.url === '/slow' ? '<p>slow</p><script src="/slow.js"></script>' : '<p>quick</p>'));
  };
}

/** Processes of the Chromium under test: its leader, and the command lines of all. */
async function chromium(profilePrefix = `preface-chromium-`): Promise<{ pid: number; members: Map<number, string> }> {
  const commands = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => [Number(pid), await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
  );
  const own = path.join(tmpdir(), profilePrefix);
  const leader = commands.find(
    ([, line]) =>
      line.includes(`--user-data-dir=${own}`) && line.includes(`-${process.pid}-`) && !line.includes('--type='),
  );
  const pid = leader?.[0] ?? 0;
  const groups = await Promise.all(commands.map(async ([member]) => ({ member, group: await groupOf(member) })));
  const inGroup = new Set(groups.filter(({ group }) => group === pid).map(({ member }) => member));
  return { pid, members: new Map(commands.filter(([member]) => inGroup.has(member))) };
}

async function groupOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

async function until(condition: () => Promise<boolean>, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.skipIf(process.platform !== 'linux')('Chromium', () => {
  it.each([
    ['the browser dies', 'SIGKILL', undefined],
    ['a renderer process dies', 'SIGKILL', '--type=renderer'],
  ] as const)('is replaced when %s, and the render under way is made again', async (_, signal, type) => {
    let hits = 0;
    const pages = pagesWith(() => {
      hits += 1;
      if (hits > 1) return;
      void chromium().then(({ pid, members }) => {
        const victims = type ? [...members].filter(([, line]) => line.includes(type)).map(([member]) => member) : [pid];
        for (const victim of victims) process.kill(victim, signal);
      });
    });
    await using fixture = await renderFixture(pages, { tabs: 1 }, attachLoadSettler);
    await fixture.room.warm();
    expect((await fixture.render('/slow')).html).toContain('slow');
    expect(hits).toBe(2);
    expect((await fixture.render('/quick')).html).toContain('quick');
  });

  it('is replaced within five seconds when it hangs, and the render under way is not lost', async () => {
    let hits = 0;
    const pages = pagesWith(() => {
      hits += 1;
      if (hits === 1) void chromium().then(({ pid }) => process.kill(pid, 'SIGSTOP'));
    });
    await using fixture = await renderFixture(pages, { tabs: 1, timeoutMs: 15_000 }, attachLoadSettler);
    await fixture.room.warm();
    const begun = performance.now();
    expect((await fixture.render('/slow')).html).toContain('slow');
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(fixture.events).toContainEqual({ type: 'browser.stopped', reason: 'hung' });
  });

  it('leaves no process and no profile behind when it is closed', async () => {
    const fixture = await renderFixture(
      pagesWith(() => {}),
      { tabs: 2 },
      attachLoadSettler,
    );
    await fixture.room.warm();
    const { pid, members } = await chromium();
    const profile = /--user-data-dir=([^\0]+)/.exec(members.get(pid) ?? '')?.[1] ?? '';
    expect(existsSync(profile)).toBe(true);
    await fixture[Symbol.asyncDispose]();
    expect(await groupLives(pid)).toBe(false);
    expect(existsSync(profile)).toBe(false);
  });

  it('knows none of our secrets', async () => {
    process.env.PREFACE_ADMIN_TOKEN = 'a-secret-of-the-test';
    try {
      await using fixture = await renderFixture(
        pagesWith(() => {}),
        { tabs: 1 },
        attachLoadSettler,
      );
      await fixture.room.warm();
      const { members } = await chromium();
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
    await using fixture = await renderFixture(
      pagesWith(() => {}),
      { tabs: 1 },
      attachLoadSettler,
    );
    await fixture.room.warm();
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
