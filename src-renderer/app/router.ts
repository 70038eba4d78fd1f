import { useMemo, useSyncExternalStore } from 'react';
import { parseRoute, routeToHash, type Route } from './route.ts';

/** Goes to a route. `replace` leaves no entry to come back to. */
export function navigate(route: Route, options: { replace?: boolean } = {}): void {
  const hash = routeToHash(route);
  if (hash === window.location.hash) return;
  if (options.replace === true) window.location.replace(hash);
  else window.location.hash = hash;
}

/** The route that the window shows; a component that uses it is rendered again when it changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}
