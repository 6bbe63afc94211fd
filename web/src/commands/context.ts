import type { RecordId, Unsubscribe } from '../board/types'
import type * as editor from '../editor'
import type { Action } from '../editor/desk'
import type { ToolName } from '../tools'

/** Something that is on or off. */
export interface Switch {
  isOn(): boolean
  toggle(): void
}

/** What parts of the page offer to commands. A command whose part is not there can't be used. */
export interface Offers {
  undo(): void
  redo(): void
  copy(): void
  cut(): void
  paste(): void
  /** Pastes as text alone. */
  pastePlain(): void
  copyAs(format: 'png' | 'svg' | 'excalidraw'): void
  exportBoard(): void
  /** Asks for files to add to the board. */
  importFile(): void
  share(): void
  clear(): void
  /** Asks for a picture to lie beneath the board. */
  background(): void
  /** Opens the chat and goes to its line. */
  chat(): void
  /** The list of comments. */
  comments: Switch
  /** Whether comments are shown where they were made. */
  pins: Switch
  theme(): void
  /** Goes to the control of a colour. */
  color(which: 'stroke' | 'fill'): void
  grid: Switch
  snap: Switch
  zen: Switch
  /** Whether the tool stays chosen after a shape was made. */
  keepTool: Switch
}

/** Which of the actions in editor/ do something to the selection as it is. */
export type ActionName = { [K in keyof Editor]: Editor[K] extends Action ? K : never }[keyof Editor]

type Editor = typeof editor

/** The view of the board, as far as commands know it. */
export interface Eye {
  zoomBy(direction: 1 | -1): void
  zoomTo(zoom: number): void
  /** Shows everything there is. */
  fit(): void
  /** Shows these shapes. */
  fitTo(ids: Iterable<RecordId>): void
  /** Gives up the gesture under way; returns whether there was one. */
  cancel(): boolean
  /** Ends what takes several clicks; returns whether there was anything. */
  finish(): boolean
  /** Asks for a comment on the selection, or in the middle. */
  comment(): void
  /** Opens the text of a shape for writing. */
  write(id: RecordId): void
}

/** What opens above the board; the last three let a person point at something. */
export type Overlay = 'palette' | 'help' | 'find' | 'link' | 'zoom' | 'dropper' | 'bucket'

/** What a command works with. */
export interface Context {
  readonly mayEdit: boolean
  readonly selected: ReadonlySet<RecordId>
  readonly tool: ToolName
  /** Undefined while the board is not on the screen. */
  readonly eye: Eye | undefined
  readonly offers: Partial<Offers>
  choose(tool: ToolName): void
  /** Does something to the selection, as one step of undo. */
  act(name: ActionName): void
  /** The same, with an action that is made for the occasion. */
  perform(make: (editor: Editor) => Action): void
  /** Remembers what the selection looks like, for pasting. */
  copyStyle(): void
  pasteStyle(): void
  /** Fills the selection with the colour chosen. */
  fill(): void
  /** Moves the selection; steps of a key that is held down are undone together. */
  nudge(dx: number, dy: number, isRepeat: boolean): void
  open(overlay: Overlay): void
  /** Opens the menu for the selection, or for the board. */
  openMenu(): void
}

/** The offers of all parts of the page that are there. */
const offers: Partial<Offers> = {}

/** Offers abilities to commands until the function that is returned is called. */
export function offer(part: Partial<Offers>): Unsubscribe {
  Object.assign(offers, part)
  return () => {
    for (const name of Object.keys(part) as (keyof Offers)[]) if (offers[name] === part[name]) delete offers[name]
  }
}

/** What is on offer now. */
export const offered: Readonly<Partial<Offers>> = offers
