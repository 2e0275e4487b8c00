import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Assignment } from '../../src/config/layers.ts';
import { type ConfigSources, configFrom, loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/errors.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';

function folder(files: Record<string, string> = {}): string {
  const path = tempFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function withFile(text: string, sources: ConfigSources = {}) {
  return loadConfig({ cwd: folder({ 'preface.config.yaml': text }), ...sources });
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems;
    throw cause;
  }
  throw new Error('no problem was found');
}

function flag(path: string, value: unknown): Assignment {
  return { path: path.split('.'), value, source: { from: 'flag', name: `--${path}` } };
}

describe('where a value comes from', () => {
  it('is the flag before the environment before the file before the default', () => {
    const file = 'listen: { port: 1, host: 127.0.0.1, workers: 2 }';
    const { config, sourceOf } = withFile(file, {
      environment: { PORT: '2', HOST: '127.0.0.2' },
      flags: [flag('listen.port', 3)],
    });
    expect(config.listen).toEqual({ port: 3, host: '127.0.0.2', workers: 2, trustedProxies: [] });
    expect(sourceOf(['listen', 'port'])).toEqual({ from: 'flag', name: '--listen.port' });
    expect(sourceOf(['listen', 'host'])).toEqual({ from: 'environment', name: 'HOST' });
    expect(sourceOf(['listen', 'workers'])).toMatchObject({ file: 'preface.config.yaml', line: 1, column: 46 });
    expect(sourceOf(['listen', 'trustedProxies'])).toEqual({ from: 'default' });
  });

  it('finds the file in the working directory: YAML before JSON', () => {
    const cwd = folder({
      'preface.config.json': '{"audit":{"sample":1}}',
      'preface.config.yml': 'audit: { sample: 2 }',
    });
    expect(loadConfig({ cwd }).config.audit.sample).toBe(2);
    expect(loadConfig({ cwd, file: 'preface.config.json' }).config.audit.sample).toBe(1);
    expect(loadConfig({ cwd: folder() }).config.audit.sample).toBe(200);
  });

  it('lets a JSON file name its schema', () => {
    const cwd = folder({ 'preface.config.json': '{"$schema":"./schema.json","audit":{"sample":1}}' });
    expect(loadConfig({ cwd }).config.audit.sample).toBe(1);
  });

  it('takes an empty file for no settings', () => {
    expect(withFile('# nothing yet\n').config.listen.port).toBe(8080);
  });

  it('takes the store from where pages are to be kept', () => {
    expect(configFrom({}).cache.store).toBe('memory');
    expect(configFrom({ cache: { directory: '/var/lib/preface' } }).cache.store).toBe('sqlite');
    expect(configFrom({ cache: { redisUrl: 'redis://r:6379' } }).cache.store).toBe('redis');
    expect(configFrom({ cache: { directory: '/x', store: 'memory' } }).cache.store).toBe('memory');
    expect(loadConfig({ cwd: folder(), environment: { REDIS_URL: 'redis://r' } }).sourceOf(['cache', 'store'])).toEqual(
      {
        from: 'derived',
        reason: 'cache.redisUrl is set',
      },
    );
  });
});

describe('a sound configuration', () => {
  it('has milliseconds, bytes and URLs', () => {
    const { origin, cache, limits, warm } = configFrom({
      origin: 'http://127.0.0.1:3000',
      cache: { fresh: '2s' },
      limits: { headerBytes: '64kb', drainDelay: 0 },
    });
    expect(origin?.port).toBe('3000');
    expect(cache.fresh).toBe(2000);
    expect(limits).toMatchObject({ headerBytes: 65_536, drainDelay: 0 });
    expect(warm.every).toBeUndefined();
  });

  it('cannot be changed', () => {
    const config = configFrom({});
    expect(Object.isFrozen(config.cache) && Object.isFrozen(config.readers.render)).toBe(true);
  });
});

describe('problems', () => {
  it('name header fields that cannot be sent, and keep their values to themselves', () => {
    const load = () =>
      configFrom({
        origin: 'http://127.0.0.1:4000',
        render: { headers: { Host: 'secret-1', 'X-Key': 'secret-2\r\nX-Evil: 1', 'X Key': 'secret-3', 'X-Good': 'a' } },
        sites: [{ origin: 'http://127.0.0.1:4001', publicUrl: 'https://b.example', render: { headers: { TE: 'x' } } }],
      });
    const problems = problemsOf(load);
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(
      /Host.*Preface writes itself.*X-Key.*one line.*X Key.*not the name.*TE.*leave it out/s,
    );
    expect(problems.join('\n')).not.toContain('secret');
  });

  it('are told all together, with line and column, variable or flag', () => {
    const file = `origin: localhost:3000
cashe: { fresh: 1h }
listen:
  port: "80"
cache:
  frsh: 2h
  maxBytes: 1tb
log: { level: warning }
`;
    const load = () =>
      withFile(file, {
        environment: { PREFACE_LIMITS__DRAIN_DELAY: 'soon' },
        flags: [flag('admin.port', 'abc')],
      });
    expect(problemsOf(load)).toEqual([
      '--admin.port: admin.port must be a number, not "abc"',
      'PREFACE_LIMITS__DRAIN_DELAY: limits.drainDelay must be a duration with its unit, such as 500ms, 30s, 5m, 24h or 7d, not "soon"',
      'preface.config.yaml:1:9: origin must begin with its scheme, such as http://localhost:3000, not "localhost:3000"',
      'preface.config.yaml:2:1: cashe is not a setting; did you mean cache?',
      'preface.config.yaml:4:9: listen.port must be a number, not "80"',
      'preface.config.yaml:6:3: cache.frsh is not a setting; did you mean fresh?',
      'preface.config.yaml:7:13: cache.maxBytes must be a size with its unit, such as 32kb, 256mb or 1gb, not "1tb"',
      'preface.config.yaml:8:15: log.level must be trace, debug, info, warn, error, fatal or silent, not "warning"; did you mean warn?',
    ]);
  });

  it('stand at their place in JSON too', () => {
    const cwd = folder({ 'preface.config.json': '{\n\t"cache": {\n\t\t"fresh": 3600\n\t}\n}\n' });
    expect(problemsOf(() => loadConfig({ cwd }))[0]).toMatch(
      /^preface\.config\.json:3:12: cache\.fresh must be a duration .* not 3600$/,
    );
  });

  it('name a setting that stands in another place', () => {
    expect(problemsOf(() => withFile('port: 80'))).toEqual([
      'preface.config.yaml:1:1: port is not a setting here; did you mean listen.port, admin.port or service.port?',
    ]);
  });

  it('say what a site cannot have of its own, and what it lacks', () => {
    const load = () =>
      withFile('sites:\n  - hosts: [a.example]\n    listen: { port: 1 }\n    cache: { store: memory }\n');
    expect(problemsOf(load)).toEqual([
      'preface.config.yaml:2:5: sites[0].origin is missing',
      'preface.config.yaml:3:5: sites[0].listen belongs to the whole process: set it at the top level, not in a site',
      'preface.config.yaml:4:14: sites[0].cache.store belongs to the whole process: set it at the top level, not in a site',
    ]);
  });

  it('come with the place of broken YAML', () => {
    expect(problemsOf(() => withFile('cache:\n  fresh: [1h\nlog: {}\n'))[0]).toMatch(
      /^preface\.config\.yaml:\d+:\d+: /,
    );
    expect(problemsOf(() => withFile('a: 1\na: 2\n'))).toEqual(['preface.config.yaml:2:1: map keys must be unique']);
    expect(problemsOf(() => withFile('just text'))[0]).toMatch(/:1:1: must be settings, such as/);
  });

  it('name a file that was asked for and is not there', () => {
    expect(problemsOf(() => loadConfig({ cwd: folder(), file: 'other.yaml' }))).toEqual([
      'other.yaml: there is no such file',
    ]);
  });

  it('never show a secret', () => {
    const lines = [
      ...problemsOf(() => configFrom({ cache: { redisUrl: 'http://:hunter2@r' }, admin: { token: 7 as never } })),
      ...problemsOf(() => configFrom({ origin: 'http://me:hunter2@app:3000' })),
      ...problemsOf(() => loadConfig({ cwd: folder(), environment: { PREFACE_RENDER__HEADERS: 'hunter2' } })),
    ];
    expect(lines).toHaveLength(4);
    expect(lines.join('\n')).not.toMatch(/hunter2|not 7/);
  });
});

describe('contradictions', () => {
  it('an admin listener that others can reach needs a token of 16 characters', () => {
    const host = '0.0.0.0';
    expect(problemsOf(() => configFrom({ admin: { host } }))[0]).toMatch(
      /^admin\.token is missing, and admin\.host 0\.0\.0\.0/,
    );
    expect(problemsOf(() => configFrom({ admin: { host, token: 'fifteen-letters' } }))[0]).toMatch(
      /has only 15 characters/,
    );
    expect(configFrom({ admin: { host, token: 'sixteen-letters!' } }).admin.host).toBe(host);
    expect(configFrom({ admin: { host: '::1' } }).admin.token).toBe('');
  });

  it('a rendering service that others can reach needs a token of 16 characters', () => {
    const origin = 'http://127.0.0.1:4000';
    expect(problemsOf(() => configFrom({ origin, service: { enabled: true } }))).toEqual([
      'service.token is missing, and listen.host 0.0.0.0 lets other machines in: set one of at least 16 characters (PREFACE_SERVICE__TOKEN), or listen.host to 127.0.0.1',
    ]);
    const service = { enabled: true, token: 'fifteen-letters' };
    expect(problemsOf(() => configFrom({ origin, service }))[0]).toMatch(/^service\.token has only 15 characters/);
    expect(configFrom({ origin, service, listen: { host: '127.0.0.1' } }).service.enabled).toBe(true);
    expect(configFrom({ origin, service: { ...service, enabled: false } }).service.enabled).toBe(false);
  });

  it.each([
    ['http://localhost:8080', {}],
    ['http://127.0.0.1:9090', {}],
    ['http://[::1]:8080', { host: '::' }],
    ['http://127.0.0.1', { port: 80 }],
    ['https://localhost', { port: 443 }],
  ])('%s is ourselves', (origin, listen) => {
    expect(problemsOf(() => configFrom({ origin, listen }))[0]).toMatch(/^origin is Preface itself \((listen|admin) /);
  });

  it('another address of this machine on the same port is not ourselves', () => {
    const listen = { host: '127.0.0.2', port: 3000 };
    expect(configFrom({ origin: 'http://127.0.0.1:3000', listen }).origin?.port).toBe('3000');
  });

  it('two listeners cannot share a port, unless the system chooses it', () => {
    expect(problemsOf(() => configFrom({ listen: { port: 9090 } }))).toEqual([
      'admin.port is 9090, which listen.port has already',
    ]);
    expect(configFrom({ listen: { port: 0 }, admin: { port: 0 } }).listen.port).toBe(0);
  });

  it('a store needs its place', () => {
    expect(problemsOf(() => configFrom({ cache: { store: 'sqlite' } }))[0]).toMatch(/^cache\.directory is missing/);
    expect(problemsOf(() => configFrom({ cache: { store: 'redis' } }))[0]).toMatch(/^cache\.redisUrl is missing/);
  });

  it('are told beside the problems of single values', () => {
    const load = () => withFile('admin: { host: 0.0.0.0 }\ncache: { fresh: never }\n');
    expect(problemsOf(load)).toEqual([
      expect.stringMatching(/^preface\.config\.yaml:1:1: admin\.token is missing/),
      expect.stringMatching(/^preface\.config\.yaml:2:17: cache\.fresh must be a duration/),
    ]);
  });

  it('are not drawn from a default that stands in for a wrong value', () => {
    const load = () => withFile('origin: http://localhost:8080\nlisten: { port: http }\n');
    expect(problemsOf(load)).toEqual([expect.stringMatching(/:2:17: listen\.port must be a number/)]);
  });
});
