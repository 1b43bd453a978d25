import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureOwnCertificate, ownCertificatePaths, readCertificate } from './certificate-files.js';

const DAY_MS = 86_400_000;
const NOW = Date.now();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fleetwall-certificate-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const read = () => readCertificate(ownCertificatePaths(home));

describe('a certificate of its own', () => {
  it('is made once, in time for a clock that is a day behind, with a key for nobody else', async () => {
    await ensureOwnCertificate(home, NOW);
    const { cert, pin } = await read();
    expect(Date.parse(new X509Certificate(cert).validFrom)).toBeLessThan(NOW - DAY_MS + 60_000);
    for (const file of ['gateway.key', 'gateway.crt']) expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
    await ensureOwnCertificate(home, NOW);
    expect(await read()).toMatchObject({ cert, pin, nextPins: [] });
  });

  it('is renewed with the same key before it ends, and when only the key is left', async () => {
    await ensureOwnCertificate(home, NOW - 3_600 * DAY_MS);
    const first = await read();
    expect(first.validToMs).toBeLessThan(NOW + 90 * DAY_MS);
    await ensureOwnCertificate(home, NOW);
    const second = await read();
    expect(second.pin).toBe(first.pin);
    expect(second.validToMs).toBeGreaterThan(NOW + 3_000 * DAY_MS);
    rmSync(join(home, 'gateway.crt'));
    await ensureOwnCertificate(home, NOW);
    expect((await read()).pin).toBe(first.pin);
  });

  it('a foreign key, nonsense and a missing file are refused, and the file is named', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE' });
    await ensureOwnCertificate(home, NOW);
    const foreign = mkdtempSync(join(tmpdir(), 'fleetwall-certificate-'));
    try {
      await ensureOwnCertificate(foreign, NOW);
      writeFileSync(join(home, 'gateway.key'), readFileSync(join(foreign, 'gateway.key')));
    } finally {
      rmSync(foreign, { recursive: true, force: true });
    }
    await expect(read()).rejects.toThrow(/gateway\.crt.*gateway\.key is another one's/);
    writeFileSync(join(home, 'gateway.crt'), 'nonsense');
    await expect(read()).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE' });
  });
});
