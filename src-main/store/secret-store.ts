import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SECRET_SLOTS, type SecretSlot, type Secrets } from '#shared/model/connection-settings';
import { rememberSecret } from '../lib/redact.ts';
import { writeFileAtomically } from '../lib/write-file-atomically.ts';

/** Turns secrets into text that only this user of this machine can turn back; null where the system offers no such thing. */
export interface SecretCipher {
  encrypt(text: string): string;
  decrypt(encrypted: string): string;
}

/** Secrets by project and slot. Kept in a file through the system's keychain, or in memory until the app closes where there is no keychain. */
export interface SecretStore {
  readonly storage: 'keychain' | 'session';
  read(projectId: string): Promise<Secrets>;
  /** null forgets a secret. */
  write(projectId: string, values: Partial<Record<SecretSlot, string | null>>): Promise<void>;
  copy(fromProjectId: string, toProjectId: string): Promise<void>;
  forget(projectId: string): Promise<void>;
}

const fileSchema = z.record(z.string(), z.partialRecord(z.enum(SECRET_SLOTS), z.string()));
type EncryptedSecrets = z.infer<typeof fileSchema>;

export function createSecretStore(options: { path: string; cipher: SecretCipher | null }): SecretStore {
  const { path, cipher } = options;
  let cache: Promise<EncryptedSecrets> | null = null;
  const load = (): Promise<EncryptedSecrets> => (cache ??= cipher ? readFileOrEmpty(path) : Promise.resolve({}));
  const save = async (all: EncryptedSecrets): Promise<void> => {
    cache = Promise.resolve(all);
    if (!cipher) return;
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, JSON.stringify(all));
  };
  const encrypt = (text: string): string => (cipher ? cipher.encrypt(text) : text);
  const decrypt = (text: string): string => (cipher ? cipher.decrypt(text) : text);
  let turn: Promise<unknown> = Promise.resolve();
  const change = (make: (all: EncryptedSecrets) => EncryptedSecrets): Promise<void> => {
    const next = turn.then(async () => save(make(await load())));
    turn = next.catch(() => undefined);
    return next;
  };

  return {
    storage: cipher ? 'keychain' : 'session',
    async read(projectId) {
      const own = (await load())[projectId] ?? {};
      const secrets: Secrets = {};
      for (const slot of SECRET_SLOTS) {
        const encrypted = own[slot];
        if (encrypted === undefined) continue;
        const value = decryptOrNull(decrypt, encrypted);
        if (value === null) continue;
        rememberSecret(value);
        secrets[slot] = value;
      }
      return secrets;
    },
    write: (projectId, values) =>
      change((all) => {
        const own = { ...all[projectId] };
        for (const slot of SECRET_SLOTS) {
          const value = values[slot];
          if (value === null || value === '') delete own[slot];
          else if (value !== undefined) {
            rememberSecret(value);
            own[slot] = encrypt(value);
          }
        }
        return { ...all, [projectId]: own };
      }),
    copy: (from, to) => change((all) => ({ ...all, [to]: { ...all[from] } })),
    forget: (projectId) => change((all) => Object.fromEntries(Object.entries(all).filter(([id]) => id !== projectId))),
  };
}

/** A keychain that was reset cannot read old secrets: they count as missing and are asked for again. */
function decryptOrNull(decrypt: (text: string) => string, encrypted: string): string | null {
  try {
    return decrypt(encrypted);
  } catch {
    return null;
  }
}

async function readFileOrEmpty(path: string): Promise<EncryptedSecrets> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}
