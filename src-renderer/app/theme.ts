import {
  Button,
  createTheme,
  Menu,
  Modal,
  Select,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

/** Deep cyan. Shade 6 and darker carry white text with AA contrast; shades 3 and 4 are readable on the dark background. */
const ferry: MantineColorsTuple = [
  '#e5f6f8',
  '#cbeaef',
  '#9ad6df',
  '#66bfcc',
  '#41abbb',
  '#218fa2',
  '#0f7a8d',
  '#0a6476',
  '#075261',
  '#053e4a',
];

const gray: MantineColorsTuple = [
  '#f7f9fa',
  '#eff2f4',
  '#e3e8eb',
  '#d2d9de',
  '#b4bec6',
  '#8c98a3',
  '#586571',
  '#434e58',
  '#2f3840',
  '#1b2228',
];

const dark: MantineColorsTuple = [
  '#e1e6ea',
  '#c5cdd4',
  '#a0abb5',
  '#7d8994',
  '#3c464f',
  '#2d353d',
  '#222930',
  '#191f24',
  '#13181c',
  '#0d1114',
];

export const theme = createTheme({
  colors: { ferry, gray, dark },
  primaryColor: 'ferry',
  primaryShade: { light: 7, dark: 6 },
  black: '#1b2228',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '22px', lineHeight: '1.3' },
      h2: { fontSize: '16px', lineHeight: '1.4' },
      h3: { fontSize: '14px', lineHeight: '1.5' },
    },
  },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    /** A closing menu must not take a click that was meant for what lies below it. */
    Menu: Menu.extend({ defaultProps: { transitionProps: { duration: 0 } } }),
    /** The page itself never scrolls; locking it would inject a style element without a nonce. */
    Modal: Modal.extend({
      defaultProps: { lockScroll: false, centered: true, radius: 'lg', transitionProps: { duration: 0 } },
    }),
    Select: Select.extend({ defaultProps: { allowDeselect: false, checkIconPosition: 'right' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-placeholder': '#66727d',
    '--mantine-color-dimmed': gray[6],
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--mantine-color-placeholder': '#8d98a3',
    '--mantine-color-dimmed': dark[2],
    '--mantine-color-error': '#ff8f84',
  },
});
