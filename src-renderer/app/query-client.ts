import { QueryClient } from '@tanstack/react-query';

/** Calls go to the main process of the same app: there is no network to wait for, and main decides what is repeated. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', retry: false, refetchOnWindowFocus: false, staleTime: 30_000 },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
