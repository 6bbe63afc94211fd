/** What a person can do to a board with a selection, as functions from what is there to what is to be written. */
export * from './deleting'
export * from './groups'
export * from './moving'
export * from './selecting'
export * from './stacking'
export * from './states'
