/** Words that many parts use. */
export const common = {
  close: 'Close',
  dismiss: 'Dismiss',
  save: 'Save',
  undo: 'Undo',
  retry: 'Try again',
  reload: 'Reload',
  someone: 'Someone',
} as const
