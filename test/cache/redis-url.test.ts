import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../src/cache/redis-url.ts';
import { ConfigError } from '../../src/errors.ts';

describe('the URL of a Redis', () => {
  it.each([
    ['redis://localhost', { kind: 'single', nodes: [{ host: 'localhost', port: 6379 }], database: 0, tls: false }],
    [
      'rediss://app:p%40ss@cache.example:7000/3',
      {
        kind: 'single',
        nodes: [{ host: 'cache.example', port: 7000 }],
        username: 'app',
        password: 'p@ss',
        database: 3,
        tls: true,
      },
    ],
    ['redis://:secret@[::1]:6380', { nodes: [{ host: '::1', port: 6380 }], username: undefined, password: 'secret' }],
    ['redis://localhost?socket=/run/redis.sock', { kind: 'single', socket: '/run/redis.sock' }],
    [
      'redis://one?sentinel=mymaster&node=two&node=three:1',
      {
        kind: 'sentinel',
        primary: 'mymaster',
        nodes: [
          { host: 'one', port: 26379 },
          { host: 'two', port: 26379 },
          { host: 'three', port: 1 },
        ],
      },
    ],
    [
      'redis://one:7001?cluster&node=two:7002',
      {
        kind: 'cluster',
        nodes: [
          { host: 'one', port: 7001 },
          { host: 'two', port: 7002 },
        ],
      },
    ],
  ])('says where %s is', (text, place) => {
    expect(parseRedisUrl(text)).toMatchObject(place);
  });

  it.each([
    ['nothing', 'is not a URL'],
    ['http://localhost', 'must begin with redis://'],
    ['redis://localhost/first', 'number of a database'],
    ['redis://localhost?sentinal=mymaster', 'sentinal'],
    ['redis://localhost?sentinel=', 'name of the primary'],
    ['redis://localhost?cluster&sentinel=mymaster', 'both'],
    ['redis://localhost?cluster&node=two:99999', 'two:99999'],
    ['redis://localhost?node=two', 'neither cluster nor sentinel'],
    ['redis://localhost/1?cluster', 'only number 0'],
  ])('refuses %s', (text, because) => {
    expect(() => parseRedisUrl(text)).toThrow(because);
  });

  it('does not tell the password when it is wrong', () => {
    try {
      parseRedisUrl('redis://app:hunter2@localhost?what');
      expect.unreachable();
    } catch (cause) {
      expect(cause).toBeInstanceOf(ConfigError);
      expect(String(cause)).not.toContain('hunter2');
    }
  });
});
