import { comments } from './comments'
import { home } from './home'
import { panels } from './panels'
import { transfer } from './transfer'
import { en as first, type English } from '.'

/** The whole catalogue in English, for those who compare. */
export const en: English = { ...first, comments, home, panels, transfer }
