import { useMantineColorScheme, type MantineColorSchemeManager } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, type ReactNode } from 'react';
import { appSettingsQuery, useSaveAppSettings } from '../api/app.ts';
import { HelpPaneContext } from '../ui/help-pane.tsx';

/** The scheme comes from the app's settings, which main keeps: nothing is stored in the page. */
export const colorSchemeManager: MantineColorSchemeManager = {
  get: (defaultValue) => defaultValue,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};

/** Applies what main remembers of the window's looks. Nothing is shown before it is known, so that nothing flickers. */
export function AppPreferences({ children }: { children: ReactNode }) {
  const settings = useQuery(appSettingsQuery());
  const { mutate: save } = useSaveAppSettings();
  const { setColorScheme } = useMantineColorScheme();
  const colorScheme = settings.data?.colorScheme;
  const isHelpOpen = settings.data?.isHelpOpen ?? true;
  const setOpen = useCallback((isOpen: boolean) => save({ isHelpOpen: isOpen }), [save]);
  const help = useMemo(() => ({ isOpen: isHelpOpen, setOpen }), [isHelpOpen, setOpen]);
  useEffect(() => {
    if (colorScheme !== undefined) setColorScheme(colorScheme === 'system' ? 'auto' : colorScheme);
  }, [colorScheme, setColorScheme]);
  if (settings.isPending) return null;
  return <HelpPaneContext value={help}>{children}</HelpPaneContext>;
}
