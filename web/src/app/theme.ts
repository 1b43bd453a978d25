import { createTheme, Modal, Tooltip } from '@mantine/core';

/** What components are told; colours are in theme.css. Nothing here may need a style sheet of its own. */
export const theme = createTheme({
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  defaultRadius: 'sm',
  components: {
    // Locking the page's scroll writes a style into it, which its policy forbids.
    Modal: Modal.extend({
      defaultProps: { lockScroll: false, centered: true, closeButtonProps: { 'aria-label': 'Close' } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300 } }),
  },
});
