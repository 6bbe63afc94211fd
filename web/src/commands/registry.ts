import type { Key } from '../i18n/format'
import type { ToolName } from '../tools'
import { matches, type Chord, type KeyInput } from './chords'
import type { ActionName, Context, Offers, Overlay, Switch } from './context'

/** The sections of help and palette, in their order. */
export const GROUPS = ['tools', 'edit', 'arrange', 'style', 'select', 'view', 'board'] as const

export type Group = (typeof GROUPS)[number]

/** How much must be selected, and whether one must be allowed to edit. */
type Need = 'nothing' | 'editor' | 'one' | 'some' | 'two' | 'three'

/** Something a person can ask for: the one list behind shortcuts, palette, help, menus and buttons. */
export interface Command {
  /** Stays the same; the palette remembers it. */
  readonly id: string
  readonly label: Key
  readonly group: Group
  /** Alternatives; the first is the one that is shown. */
  readonly keys: readonly Chord[]
  readonly needs: Need
  /** The part of the page that must be there. */
  readonly offer?: keyof Offers
  /** Has keys, but no place in palette and menus. */
  readonly quiet?: boolean
  /** `isRepeat`: by a key that is held down. */
  run(c: Context, isRepeat: boolean): void
  /** Whether what it switches is on; undefined = it switches nothing. */
  isOn?(c: Context): boolean
}

type Options = Partial<Pick<Command, 'needs' | 'quiet'>>

function tool(name: ToolName, ...keys: Chord[]): Command {
  return { id: `tool-${name}`, label: `tools.${name}`, group: 'tools', keys, needs: 'editor', run: (c) => c.choose(name), isOn: (c) => c.tool === name }
}

/** An action of editor/ on the selection. */
function action(group: Group, id: ActionName, label: Key, needs: Need, ...keys: Chord[]): Command {
  return { id, label, group, keys, needs, run: (c) => c.act(id) }
}

/** Something another part of the page does. */
function offered(group: Group, id: string, offer: keyof Offers, label: Key, needs: Need, ...keys: Chord[]): Command {
  return { id, label, group, keys, needs, offer, run: (c) => (c.offers[offer] as () => void)() }
}

function toggle(id: 'grid' | 'snap' | 'zen' | 'keepTool', label: Key, needs: Need, ...keys: Chord[]): Command {
  const of = (c: Context) => c.offers[id] as Switch
  return { id, label, group: id === 'keepTool' ? 'tools' : 'view', keys, needs, offer: id, run: (c) => of(c).toggle(), isOn: (c) => of(c)?.isOn() ?? false }
}

function see(id: string, label: Key, run: (eye: NonNullable<Context['eye']>, c: Context) => void, keys: Chord[], o: Options = {}): Command {
  return { id, label, group: 'view', keys, needs: 'nothing', run: (c) => c.eye && run(c.eye, c), ...o }
}

function opens(id: Overlay, label: Key, ...keys: Chord[]): Command {
  return { id, label, group: 'view', keys, needs: 'nothing', run: (c) => c.open(id) }
}

function nudge(id: string, label: Key, key: string, x: number, y: number): Command[] {
  const one = { label, group: 'arrange', needs: 'some', quiet: true } as const
  return [
    { ...one, id: `nudge-${id}`, keys: [key], run: (c, isRepeat) => c.nudge(x, y, isRepeat) },
    { ...one, id: `push-${id}`, keys: [`shift+${key}`], run: (c, isRepeat) => c.nudge(10 * x, 10 * y, isRepeat) },
  ]
}

/** Every command. */
export const COMMANDS: readonly Command[] = [
  tool('select', 'V', '1'),
  tool('hand', 'H'),
  tool('rect', 'R', '2'),
  tool('diamond', 'D', '3'),
  tool('ellipse', 'O', '4'),
  tool('circle', 'C'),
  tool('polygon'),
  tool('arrow', 'A', '5'),
  tool('line', 'L', '6'),
  tool('pen', 'P', '7', 'B'),
  tool('highlighter', 'shift+P'),
  tool('text', 'T', '8'),
  tool('note', 'N', 'S'),
  tool('image', '9'),
  tool('frame', 'F'),
  tool('eraser', 'E', '0'),
  tool('laser', 'K'),
  tool('lasso'),
  toggle('keepTool', 'commands.keepTool', 'editor', 'Q'),

  offered('edit', 'undo', 'undo', 'commands.undo', 'editor', 'mod+Z'),
  offered('edit', 'redo', 'redo', 'commands.redo', 'editor', 'mod+shift+Z', 'mod+Y'),
  action('edit', 'deleteSelection', 'commands.delete', 'some', 'Delete', 'Backspace'),

  action('arrange', 'bringForward', 'commands.forward', 'some', 'mod+]'),
  action('arrange', 'sendBackward', 'commands.backward', 'some', 'mod+['),
  action('arrange', 'bringToFront', 'commands.front', 'some', ']', 'mod+shift+]'),
  action('arrange', 'sendToBack', 'commands.back', 'some', '[', 'mod+shift+['),
  action('arrange', 'group', 'commands.group', 'two', 'mod+G'),
  action('arrange', 'ungroup', 'commands.ungroup', 'some', 'mod+shift+G'),
  action('arrange', 'toggleLock', 'commands.lock', 'some', 'mod+shift+L'),
  action('arrange', 'unlockAll', 'commands.unlockAll', 'editor'),
  action('arrange', 'hide', 'commands.hide', 'some'),
  action('arrange', 'showAll', 'commands.showAll', 'editor'),
  ...nudge('left', 'commands.nudgeLeft', 'ArrowLeft', -1, 0),
  ...nudge('right', 'commands.nudgeRight', 'ArrowRight', 1, 0),
  ...nudge('up', 'commands.nudgeUp', 'ArrowUp', 0, -1),
  ...nudge('down', 'commands.nudgeDown', 'ArrowDown', 0, 1),

  action('select', 'selectAll', 'commands.selectAll', 'editor', 'mod+A'),
  { id: 'cancel', label: 'commands.cancel', group: 'select', keys: ['Escape'], needs: 'nothing', quiet: true, run: cancel },
  action('select', 'invertSelection', 'commands.invert', 'editor'),
  action('select', 'selectSameStyle', 'commands.sameStyle', 'some'),

  see('zoom-in', 'commands.zoomIn', (eye) => eye.zoomBy(1), ['mod+=', 'mod++']),
  see('zoom-out', 'commands.zoomOut', (eye) => eye.zoomBy(-1), ['mod+-']),
  see('zoom-reset', 'commands.zoomReset', (eye) => eye.zoomTo(1), ['mod+0', 'shift+0']),
  see('zoom-fit', 'commands.fit', (eye) => eye.fit(), ['shift+1']),
  see('zoom-selection', 'commands.fitSelection', (eye, c) => eye.fitTo(c.selected), ['shift+2'], { needs: 'one' }),
  toggle('grid', 'commands.grid', 'nothing', "mod+'"),
  toggle('snap', 'commands.snap', 'editor', 'alt+S'),
  toggle('zen', 'commands.zen', 'nothing', 'mod+.', 'alt+Z'),
  offered('view', 'theme', 'theme', 'commands.theme', 'nothing', 'alt+shift+D'),
  opens('help', 'commands.help', '?'),

  offered('board', 'chat', 'chat', 'commands.chat', 'nothing', '/'),
  offered('board', 'share', 'share', 'commands.share', 'nothing'),
  offered('board', 'background', 'background', 'commands.background', 'editor'),
  offered('board', 'clear', 'clear', 'commands.clear', 'editor'),
]

/** Escape: the gesture under way, then the selection. */
function cancel(c: Context): void {
  if (!c.eye?.cancel() && c.selected.size > 0) c.act('selectNone')
}

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]))

/** The command of an id. */
export function commandOf(id: string): Command | undefined {
  return BY_ID.get(id)
}

/** What the keys ask for, if anything. */
export function commandFor(input: KeyInput): Command | undefined {
  return COMMANDS.find(({ keys }) => keys.some((chord) => matches(chord, input)))
}

const LEAST: { readonly [need in Need]?: number } = { one: 1, some: 1, two: 2, three: 3 }

/** Why a command can't be used now; undefined when it can. */
export function whyNot({ needs, offer }: Command, { mayEdit, selected, offers }: Context): Key | undefined {
  if (needs !== 'nothing' && needs !== 'one' && !mayEdit) return 'commands.whyViewer'
  const least = LEAST[needs] ?? 0
  if (selected.size < least) return least === 1 ? 'commands.whySome' : least === 2 ? 'commands.whyTwo' : 'commands.whyThree'
  return offer && !offers[offer] ? 'commands.whyNotHere' : undefined
}
