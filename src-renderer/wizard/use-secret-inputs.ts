import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { SecretSlot } from '#shared/model/connection-settings';
import { secretStatusQuery, useSetSecrets } from '../api/projects.ts';
import type { SecretFieldProps } from '../ui/secret-field.tsx';

type Typed = Partial<Record<SecretSlot, string>>;

export interface SecretInputs {
  /** True when a value is stored or typed. */
  has: (slot: SecretSlot) => boolean;
  /** True when something is typed that is not stored yet. */
  isChanged: boolean;
  /** Props of a SecretField. */
  field: (
    slot: SecretSlot,
  ) => Pick<SecretFieldProps, 'name' | 'value' | 'onChange' | 'isStored' | 'storage' | 'onForget'>;
  /** Stores what is typed. */
  store: () => Promise<void>;
}

/** Secrets that are typed on a page. They go to the secret store only: at the latest when the page is left. */
export function useSecretInputs(projectId: string): SecretInputs {
  const status = useQuery(secretStatusQuery(projectId));
  const { mutate, mutateAsync } = useSetSecrets(projectId);
  const [typed, setTyped] = useState<Typed>({});
  const latest = useRef<Typed>({});
  const change = (next: Typed) => {
    latest.current = next;
    setTyped(next);
  };
  useEffect(
    () => () => {
      const kept = filled(latest.current);
      if (Object.keys(kept).length > 0) mutate(kept);
    },
    [mutate],
  );
  const isStored = (slot: SecretSlot) => status.data?.isSet[slot] === true;
  return {
    has: (slot) => isStored(slot) || (typed[slot] ?? '') !== '',
    isChanged: Object.keys(filled(typed)).length > 0,
    field: (slot) => ({
      name: slot,
      value: typed[slot] ?? '',
      onChange: (value) => change({ ...typed, [slot]: value }),
      isStored: isStored(slot),
      storage: status.data?.storage ?? 'session',
      onForget: () => mutate({ [slot]: null }),
    }),
    store: async () => {
      const kept = filled(latest.current);
      if (Object.keys(kept).length === 0) return;
      await mutateAsync(kept);
      change({});
    },
  };
}

function filled(typed: Typed): Typed {
  return Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''));
}
