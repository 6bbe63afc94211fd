import { board } from './board'

/** The catalogue in English, which says what there is to translate: one file per part of the interface. */
export const en = { board } as const
