import { useContext, useEffect } from 'react';
import { listen } from '../api/client.ts';
import { HelpPaneContext } from '../ui/help-pane.tsx';
import { navigate } from './router.ts';

/** Carries out items of the native menu. "New project" goes to the list, which opens its dialog. */
export function MenuCommands() {
  const { isOpen, setOpen } = useContext(HelpPaneContext);
  useEffect(
    () =>
      listen('menu.command', ({ command }) => {
        if (command === 'home') navigate({ page: 'home' });
        if (command === 'new-project') navigate({ page: 'home', isCreating: true });
        if (command === 'settings') navigate({ page: 'settings' });
        if (command === 'toggle-help') setOpen(!isOpen);
      }),
    [isOpen, setOpen],
  );
  return null;
}
