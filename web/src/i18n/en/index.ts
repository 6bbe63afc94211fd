import { access } from './access'
import { board } from './board'
import { canvas } from './canvas'
import { chat } from './chat'
import { colors } from './colors'
import { commands } from './commands'
import { common } from './common'
import { people } from './people'
import { settings } from './settings'
import { share } from './share'
import { status } from './status'
import { tools } from './tools'
import type { comments } from './comments'
import type { gone } from './gone'
import type { home } from './home'
import type { panels } from './panels'
import type { switched } from './switched'
import type { transfer } from './transfer'

/** The catalogue in English as the first stroke needs it: one file per part of the interface. */
export const en = {
  access,
  board,
  canvas,
  chat,
  colors,
  commands,
  common,
  people,
  settings,
  share,
  status,
  tools,
} as const

/** The parts that come with what uses them: late/ has a file for each. */
export interface Late {
  readonly comments: typeof comments
  readonly gone: typeof gone
  readonly home: typeof home
  readonly panels: typeof panels
  readonly switched: typeof switched
  readonly transfer: typeof transfer
}

/** The whole of it, which says what there is to translate. */
export type English = typeof en & Late
