import type { Key } from '../i18n/format'
import type { ActionName } from './context'

/** An entry of a menu: a command's id, a line between entries, or a menu of its own. */
export type Entry = string | '-' | { readonly label: Key; readonly entries: readonly Entry[] } | 'layers'

/** The menu of the shapes that are selected; 'layers' stands for the list of layers. */
export const SHAPE_MENU: readonly Entry[] = [
  ...['cut', 'copy', 'paste', 'duplicate', '-'],
  ...['to-front', 'forward', 'backward', 'to-back', '-'],
  ...['group', 'ungroup', 'lock', 'link', 'write', 'comment', 'convert'],
  { label: 'commands.copyAs', entries: ['copy-png', 'copy-svg', 'copy-excalidraw'] },
  { label: 'commands.style', entries: ['copy-style', 'paste-style', 'bigger-text', 'smaller-text', 'select-same'] },
  '-',
  {
    label: 'commands.align',
    entries: [
      ...['align-left', 'align-center', 'align-right', '-', 'align-top', 'align-middle', 'align-bottom', '-'],
      ...['distribute-horizontal', 'distribute-vertical'],
    ],
  },
  { label: 'commands.flip', entries: ['flip-horizontal', 'flip-vertical'] },
  { label: 'commands.frame', entries: ['wrap-in-frame', 'put-into-frame', 'take-out-of-frame', 'remove-frame', 'select-contents'] },
  'layers',
  ...['hide', '-', 'delete'],
]

/** What these entries do; they are left out where that is nothing. */
export const LEFT_OUT: { readonly [id: string]: ActionName } = {
  ...{ ungroup: 'ungroup', 'unlock-all': 'unlockAll', 'show-all': 'showAll' },
  ...{ 'put-into-frame': 'putIntoFrame', 'take-out-of-frame': 'takeOutOfFrame', 'remove-frame': 'removeFrame', 'select-contents': 'selectContents' },
}

/** The menu of the board. */
export const BOARD_MENU: readonly Entry[] = [
  ...['paste', 'comment', 'select-all', 'unlock-all', 'show-all', '-'],
  ...['grid', 'snap', 'zen', 'theme', '-'],
  ...['zoom-fit', 'zoom-reset', 'find', 'palette', '-'],
  ...['background', 'export', 'help'],
]
