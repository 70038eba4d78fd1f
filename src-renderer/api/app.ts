import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { AppSettings } from '#shared/model/app-settings';
import { call } from './client.ts';

export function appInfoQuery() {
  return queryOptions({
    queryKey: ['app', 'info'],
    queryFn: ({ signal }) => call('app.info', undefined, { signal }),
    staleTime: Infinity,
  });
}

export function appSettingsQuery() {
  return queryOptions({
    queryKey: ['app', 'settings'],
    queryFn: ({ signal }) => call('app.settings', undefined, { signal }),
    staleTime: Infinity,
  });
}

/** Saves part of the settings; the cache shows them at once. */
export function useSaveAppSettings() {
  const queryClient = useQueryClient();
  const { queryKey } = appSettingsQuery();
  return useMutation({
    mutationFn: (patch: Partial<AppSettings>) => call('app.saveSettings', patch),
    onMutate: (patch) =>
      queryClient.setQueryData(queryKey, (settings) => (settings ? { ...settings, ...patch } : settings)),
    onSuccess: (settings) => queryClient.setQueryData(queryKey, settings),
  });
}

/** Opens a vendor's page in the system's browser; main lets only known hosts pass. */
export function openExternal(url: string): void {
  void call('app.openExternal', { url }).catch(() => undefined);
}

/** Asks for a file with the system's dialog; null when cancelled. */
export function chooseFile(title: string, extensions: string[]): Promise<string | null> {
  return call('app.chooseFile', { title, extensions });
}
