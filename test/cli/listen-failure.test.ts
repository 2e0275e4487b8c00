import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listenFailure } from '../../src/cli/listen-failure.ts';
import { configFrom } from '../../src/config/load.ts';

async function failedListen(port: number, host: string): Promise<unknown> {
  const server = createServer().listen(port, host);
  const [cause] = await once(server, 'error');
  return cause;
}

describe('a listener that cannot be opened', () => {
  it('says which port is taken and which flag chooses another', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const cause = await failedListen(port, '127.0.0.1');
    const traffic = configFrom({ listen: { host: '127.0.0.1', port } });
    const admin = configFrom({ admin: { port } });
    expect(listenFailure(cause, traffic)?.message).toBe(
      `port ${port} is taken by another program (127.0.0.1). Choose another: --port PORT`,
    );
    expect(listenFailure(cause, admin)?.message).toMatch(/Choose another: --admin-port PORT$/);
    const service = configFrom({ listen: { host: '127.0.0.1' }, service: { enabled: true, port } });
    expect(listenFailure(cause, service)?.message).toMatch(/another: service\.port \(PREFACE_SERVICE__PORT\)$/);
    taken.close();
  });

  it('says that an address is not of this machine', async () => {
    const cause = await failedListen(0, '192.0.2.1');
    const config = configFrom({ listen: { host: '192.0.2.1', port: 0 } });
    expect(listenFailure(cause, config)?.message).toBe(
      '192.0.2.1 is not an address of this machine. Choose another: --host ADDRESS',
    );
  });

  it('leaves other errors as they are', () => {
    expect(listenFailure(new Error('something else'), configFrom({}))).toBeUndefined();
  });
});
