/** The words of the help: what keys and gestures do. */
export const help = {
  title: 'Keyboard and gestures',
  tools: 'Tools',
  board: 'Board',
  view: 'View',
  cancel: 'Give up a gesture',
  theme: 'Light or dark',
  chat: 'Chat',
  help: 'Help',
  zoomReset: 'Actual size',
  moveView: 'Move the view',
  zoom: 'Zoom',
  constrain: 'Keep proportions, steps of 15°',
  centre: 'From the centre',
} as const
