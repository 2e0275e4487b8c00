import { describe, expect, it } from 'vitest';
import { chromiumFlags } from '../../src/render/chromium-flags.ts';
import { chromiumEnvironment } from '../../src/render/chromium-process.ts';

const usual = { profileDir: '/tmp/p', sandbox: true, spki: 'abc=', smallSharedMemory: false, framesOnDemand: false };

describe("Chromium's command line", () => {
  it('leaves one way out, and that one leads nowhere by default', () => {
    expect(chromiumFlags(usual)).toEqual(
      expect.arrayContaining([
        '--proxy-server=http://127.0.0.1:1',
        '--proxy-bypass-list=<-loopback>',
        '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
        '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
        '--disable-quic',
        '--ignore-certificate-errors-spki-list=abc=',
      ]),
    );
  });

  it('opens no debugging port', () => {
    const debugging = chromiumFlags(usual).filter((flag) => flag.startsWith('--remote-debugging'));
    expect(debugging).toEqual(['--remote-debugging-pipe']);
  });

  it('gives up none of the guards that people give up for convenience', () => {
    const flags = chromiumFlags(usual).join(' ');
    for (const flag of [
      '--no-sandbox',
      '--disable-web-security',
      '--single-process',
      '--no-zygote',
      '--allow-file-access',
    ]) {
      expect(flags).not.toContain(flag);
    }
    expect(flags).not.toMatch(/--ignore-certificate-errors(?!-spki-list)/);
  });

  it('goes without the sandbox and without /dev/shm only when told', () => {
    expect(chromiumFlags(usual)).not.toContain('--disable-dev-shm-usage');
    const flags = chromiumFlags({ ...usual, sandbox: false, smallSharedMemory: true });
    expect(flags).toEqual(expect.arrayContaining(['--no-sandbox', '--disable-dev-shm-usage']));
  });
});

describe("Chromium's environment", () => {
  it('has what is needed to run and none of our secrets', () => {
    const env = {
      PATH: '/bin',
      TZ: 'UTC',
      HOME: '/home/me',
      REDIS_URL: 'redis://:pw@r',
      PREFACE_ADMIN_TOKEN: 'secret',
    };
    expect(chromiumEnvironment(env, '/tmp/p')).toEqual({ PATH: '/bin', TZ: 'UTC', HOME: '/tmp/p' });
  });
});
