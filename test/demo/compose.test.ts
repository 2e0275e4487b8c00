import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

/** What this test reads of a Compose service. */
interface Service {
  readonly [name: string]: unknown;
  readonly user: string;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly entrypoint?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<'preface' | 'demo', Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

interface Seccomp {
  readonly defaultAction: string;
  readonly syscalls: readonly { readonly names: readonly string[]; readonly action: string }[];
}

const root = join(import.meta.dirname, '../..');
let compose: Compose;
let dockerfile: string;
let seccomp: Seccomp;

beforeAll(async () => {
  const read = (file: string) => readFile(join(root, file), 'utf8');
  compose = parse(await read('docker-compose.yml'), { merge: true }) as Compose;
  dockerfile = await read('Dockerfile');
  seccomp = JSON.parse(await read('docker/seccomp.json')) as Seccomp;
});

describe('docker-compose.yml', () => {
  it('gives no service more than it needs', () => {
    for (const service of Object.values(compose.services)) {
      expect(service).toMatchObject({ user: '1000:1000', read_only: true, init: true });
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toContain('no-new-privileges:true');
      expect(service).not.toHaveProperty('privileged');
    }
  });

  it('starts the proxy behind an application that answers, and lets it finish', () => {
    const { preface } = compose.services;
    expect(preface.depends_on).toEqual({ demo: { condition: 'service_healthy' } });
    expect(preface.stop_grace_period).toBe('30s');
    expect(preface.environment.PREFACE_ORIGIN).toBe(`http://demo:${compose.services.demo.environment.PORT}`);
  });

  it('names only volumes and files that there are', async () => {
    const { preface, demo } = compose.services;
    for (const volume of preface.volumes ?? []) expect(compose.volumes).toHaveProperty(volume.split(':', 1)[0] ?? '');
    const profile = preface.security_opt.find((option) => option.startsWith('seccomp='))?.slice('seccomp='.length);
    await expect(readFile(join(root, profile ?? ''), 'utf8')).resolves.toContain('defaultAction');
    await expect(readFile(join(root, demo.entrypoint?.[1] ?? ''), 'utf8')).resolves.toContain('startDemo');
  });
});

describe('the Dockerfile', () => {
  it('runs as the same user as Compose, never as root', () => {
    expect(dockerfile.match(/^USER (.+)$/gm)).toEqual([`USER ${compose.services.preface.user}`]);
  });

  it('copies from the checkout only what .dockerignore lets in', async () => {
    const ignore = await readFile(join(root, '.dockerignore'), 'utf8');
    const allowed = [...ignore.matchAll(/^!(.+)$/gm)].map(([, name]) => name);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) => names?.split(' '));
    expect(copied.length).toBeGreaterThan(0);
    expect(allowed).toEqual(expect.arrayContaining(copied));
  });
});

describe('the seccomp profile', () => {
  it('leaves Chromium what its own sandbox is made of, and forbids what a user namespace would open', () => {
    const forbidden = seccomp.syscalls
      .filter(({ action }) => action === 'SCMP_ACT_ERRNO')
      .flatMap(({ names }) => names);
    expect(seccomp.defaultAction).toBe('SCMP_ACT_ALLOW');
    for (const name of ['clone', 'clone3', 'unshare', 'setns', 'chroot', 'seccomp'])
      expect(forbidden).not.toContain(name);
    expect(forbidden).toEqual(expect.arrayContaining(['mount', 'bpf', 'io_uring_setup', 'keyctl', 'ptrace']));
    expect(new Set(forbidden).size).toBe(forbidden.length);
  });
});
