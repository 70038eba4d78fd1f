import { ProjectFrame } from '../frame/project-frame.tsx';
import { ProjectsPage } from '../projects/projects-page.tsx';
import { AppSettingsPage } from '../settings/app-settings-page.tsx';
import { useRoute } from './router.ts';

/** The page of the current route. */
export function Pages() {
  const route = useRoute();
  switch (route.page) {
    case 'home':
      return <ProjectsPage isCreating={route.isCreating ?? false} />;
    case 'settings':
      return <AppSettingsPage />;
    case 'project':
      return <ProjectFrame key={route.projectId} projectId={route.projectId} step={route.step} />;
  }
}
