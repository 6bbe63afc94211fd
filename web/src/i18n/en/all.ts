import { comments } from './comments'
import { gone } from './gone'
import { home } from './home'
import { panels } from './panels'
import { switched } from './switched'
import { transfer } from './transfer'
import { en as first, type English } from '.'

/** The whole catalogue in English, for those who compare. */
export const en: English = { ...first, comments, gone, home, panels, switched, transfer }
