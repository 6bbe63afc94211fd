/** What is said when something was switched by a key or a command, and may not be seen at once. */
export const switched = {
  gridOn: 'The grid is shown',
  gridOff: 'The grid is hidden',
  snapOn: 'Snapping to shapes is on',
  snapOff: 'Snapping to shapes is off',
  keepToolOn: 'The tool stays chosen',
  keepToolOff: 'After each shape comes the selection tool',
  pinsOn: 'Comments are shown',
  pinsOff: 'Comments are hidden',
  zenOn: 'Zen mode is on',
  zenOff: 'Zen mode is off',
} as const
