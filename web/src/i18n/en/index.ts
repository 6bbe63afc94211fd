import { access } from './access'
import { board } from './board'
import { canvas } from './canvas'
import { chat } from './chat'
import { colors } from './colors'
import { commands } from './commands'
import { common } from './common'
import { home } from './home'
import { panels } from './panels'
import { people } from './people'
import { settings } from './settings'
import { share } from './share'
import { status } from './status'
import { tools } from './tools'
import { transfer } from './transfer'

/** The catalogue in English, which says what there is to translate: one file per part of the interface. */
export const en = {
  access,
  board,
  canvas,
  chat,
  colors,
  commands,
  common,
  home,
  panels,
  people,
  settings,
  share,
  status,
  tools,
  transfer,
} as const
