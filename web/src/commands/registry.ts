import type { SwitchName } from '../composables/switched'
import type { Key } from '../i18n/format'
import { OUTLINE_TOOLS, type ToolName } from '../tools'
import { fitOf, isSingleKey, type Chord, type Fit, type KeyInput } from './chords'
import type { ActionName, Context, Offers, Overlay, Switch } from './context'

/** The sections of help and palette, in their order. */
export const GROUPS = ['tools', 'edit', 'arrange', 'style', 'select', 'view', 'board', 'shapes'] as const

export type Group = (typeof GROUPS)[number]

/** How much must be selected, and whether one must be allowed to edit. */
type Need = 'nothing' | 'editor' | 'look' | 'some' | 'two' | 'three'

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
  /** What it switches may not be seen at once: it is said. */
  readonly told?: SwitchName
  /** Has keys, but no place in palette and menus. */
  readonly quiet?: boolean
  /** Its keys are the browser's: it answers them by an event of its own. */
  readonly isNative?: boolean
  /** `isRepeat`: by a key that is held down. */
  run(c: Context, isRepeat: boolean): void
  /** Whether what it switches is on; undefined = it switches nothing. */
  isOn?(c: Context): boolean
}

type Options = Partial<Pick<Command, 'needs' | 'quiet' | 'group'>>

function tool(name: ToolName, ...keys: Chord[]): Command {
  return { id: `tool-${name}`, label: `tools.${name}`, group: 'tools', keys, needs: 'editor', run: (c) => c.choose(name), isOn: (c) => c.tool === name }
}

/** An action of editor/ on the selection. */
function action(group: Group, id: string, name: ActionName, needs: Need, ...keys: Chord[]): Command {
  return { id, label: labelOf(id), group, keys, needs, run: (c) => c.act(name) }
}

/** Something that the context does. */
function does(group: Group, id: string, needs: Need, run: Command['run'], ...keys: Chord[]): Command {
  return { id, label: labelOf(id), group, keys, needs, run }
}

/** Something another part of the page does. */
function offered(group: Group, id: string, offer: keyof Offers, needs: Need, ...keys: Chord[]): Command {
  return { id, label: labelOf(id), group, keys, needs, offer, run: (c) => (c.offers[offer] as () => void)() }
}

function toggle(group: Group, id: SwitchName | 'comments', needs: Need, ...keys: Chord[]): Command {
  const of = (c: Context) => c.offers[id] as Switch | undefined
  const told = id === 'comments' ? {} : { told: id }
  return { id, label: labelOf(id), group, keys, needs, offer: id, ...told, run: (c) => of(c)?.toggle(), isOn: (c) => of(c)?.isOn() ?? false }
}

function see(id: string, run: (eye: NonNullable<Context['eye']>, c: Context) => void, ...keys: Chord[]): Command {
  return { id, label: labelOf(id), group: 'view', keys, needs: 'nothing', run: (c) => c.eye && run(c.eye, c) }
}

function opens(id: Overlay, o: Options, ...keys: Chord[]): Command {
  return { id, label: labelOf(id), group: 'view', keys, needs: 'nothing', run: (c) => c.open(id), ...o }
}

function nudge(side: 'Left' | 'Right' | 'Up' | 'Down', x: number, y: number): Command[] {
  const one = { label: 'commands.nudge', group: 'arrange', needs: 'some', quiet: true } as const
  return [
    { ...one, id: `nudge-${side}`, keys: [`Arrow${side}`], run: (c, isRepeat) => c.nudge(x, y, isRepeat) },
    { ...one, id: `push-${side}`, label: 'commands.push', keys: [`shift+Arrow${side}`], run: (c, isRepeat) => c.nudge(10 * x, 10 * y, isRepeat) },
  ]
}

function labelOf(id: string): Key {
  return `commands.${id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}` as Key
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
  tool('comment', 'alt+C'),
  opens('dropper', { group: 'tools', needs: 'editor' }, 'I'),
  does('tools', 'bucket', 'editor', (c) => (c.selected.size > 0 ? c.fill() : c.open('bucket')), 'G'),
  toggle('tools', 'keepTool', 'editor', 'Q'),

  offered('edit', 'undo', 'undo', 'editor', 'mod+Z'),
  offered('edit', 'redo', 'redo', 'editor', 'mod+shift+Z', 'mod+Y'),
  clipboard('cut', 'some', 'mod+X'),
  clipboard('copy', 'look', 'mod+C'),
  clipboard('paste', 'editor', 'mod+V'),
  clipboard('paste-plain', 'editor', 'mod+shift+V'),
  action('edit', 'duplicate', 'duplicate', 'some', 'mod+D'),
  action('edit', 'delete', 'deleteSelection', 'some', 'Delete', 'Backspace'),
  does('edit', 'write', 'editor', write, 'Enter', 'mod+Enter'),
  does('edit', 'comment', 'editor', (c) => c.eye?.comment()),
  opens('link', { group: 'edit', needs: 'some' }),
  action('edit', 'convert', 'convert', 'some', 'Tab'),
  action('edit', 'link-left', 'linkLeft', 'some', 'mod+ArrowLeft'),
  action('edit', 'link-right', 'linkRight', 'some', 'mod+ArrowRight'),
  action('edit', 'link-up', 'linkUp', 'some', 'mod+ArrowUp'),
  action('edit', 'link-down', 'linkDown', 'some', 'mod+ArrowDown'),

  action('arrange', 'forward', 'bringForward', 'some', 'mod+]'),
  action('arrange', 'backward', 'sendBackward', 'some', 'mod+['),
  action('arrange', 'to-front', 'bringToFront', 'some', ']', 'mod+shift+]'),
  action('arrange', 'to-back', 'sendToBack', 'some', '[', 'mod+shift+['),
  action('arrange', 'group', 'group', 'two', 'mod+G'),
  action('arrange', 'ungroup', 'ungroup', 'some', 'mod+shift+G'),
  action('arrange', 'lock', 'toggleLock', 'some', 'mod+shift+L'),
  action('arrange', 'unlock-all', 'unlockAll', 'editor'),
  action('arrange', 'hide', 'hide', 'some'),
  action('arrange', 'show-all', 'showAll', 'editor'),
  action('arrange', 'align-left', 'alignLeft', 'two', 'mod+shift+ArrowLeft', 'alt+A'),
  action('arrange', 'align-center', 'alignCenter', 'two', 'alt+H'),
  action('arrange', 'align-right', 'alignRight', 'two', 'mod+shift+ArrowRight', 'alt+D'),
  action('arrange', 'align-top', 'alignTop', 'two', 'mod+shift+ArrowUp', 'alt+W'),
  action('arrange', 'align-middle', 'alignMiddle', 'two', 'alt+V'),
  action('arrange', 'align-bottom', 'alignBottom', 'two', 'mod+shift+ArrowDown', 'alt+X'), // alt+S is for snapping
  action('arrange', 'distribute-horizontal', 'distributeHorizontally', 'three', 'alt+shift+H'),
  action('arrange', 'distribute-vertical', 'distributeVertically', 'three', 'alt+shift+V'),
  action('arrange', 'flip-horizontal', 'flipHorizontally', 'some', 'shift+H'),
  action('arrange', 'flip-vertical', 'flipVertically', 'some', 'shift+V'),
  action('arrange', 'wrap-in-frame', 'wrapInFrame', 'some'),
  action('arrange', 'put-into-frame', 'putIntoFrame', 'some'),
  action('arrange', 'take-out-of-frame', 'takeOutOfFrame', 'some'),
  action('arrange', 'remove-frame', 'removeFrame', 'some'),
  ...nudge('Left', -1, 0),
  ...nudge('Right', 1, 0),
  ...nudge('Up', 0, -1),
  ...nudge('Down', 0, 1),

  does('style', 'copy-style', 'look', (c) => c.copyStyle(), 'mod+alt+C'),
  does('style', 'paste-style', 'some', (c) => c.pasteStyle(), 'mod+alt+V'),
  action('style', 'bigger-text', 'biggerText', 'some', 'mod+shift+>'),
  action('style', 'smaller-text', 'smallerText', 'some', 'mod+shift+<'),
  { ...does('style', 'stroke-color', 'editor', (c) => c.offers.color?.('stroke'), 'shift+S'), offer: 'color' },
  { ...does('style', 'fill-color', 'editor', (c) => c.offers.color?.('fill'), 'shift+G'), offer: 'color' },

  action('select', 'select-all', 'selectAll', 'editor', 'mod+A'),
  action('select', 'select-none', 'selectNone', 'look'),
  { ...does('select', 'cancel', 'nothing', cancel, 'Escape'), quiet: true },
  action('select', 'invert-selection', 'invertSelection', 'editor'),
  action('select', 'select-same', 'selectSameStyle', 'some'),
  action('select', 'select-contents', 'selectContents', 'some'),

  see('zoom-in', (eye) => eye.zoomBy(1), 'mod+=', 'mod++'),
  see('zoom-out', (eye) => eye.zoomBy(-1), 'mod+-'),
  see('zoom-reset', (eye) => eye.zoomTo(1), 'mod+0', 'shift+0'),
  see('zoom-fit', (eye) => eye.fit(), 'shift+1'),
  { ...see('zoom-selection', (eye, c) => eye.fitTo(c.selected), 'shift+2'), needs: 'look' },
  opens('zoom', {}, 'Z'),
  opens('find', {}, 'mod+F'),
  toggle('view', 'grid', 'nothing', "mod+'"),
  toggle('view', 'snap', 'editor', 'alt+S'),
  toggle('view', 'pins', 'nothing', 'shift+C'),
  toggle('view', 'zen', 'nothing', 'mod+.', 'alt+Z'),
  offered('view', 'theme', 'theme', 'nothing', 'alt+shift+D'),
  opens('palette', {}, 'mod+K', 'mod+shift+P', 'mod+/'),
  opens('help', {}, '?'),
  { ...does('view', 'menu', 'nothing', (c) => c.openMenu(), 'ContextMenu', 'shift+F10'), quiet: true },

  offered('board', 'chat', 'chat', 'nothing', '/'),
  toggle('board', 'comments', 'nothing'),
  copyAs('png', 'alt+shift+C'),
  copyAs('svg', 'mod+shift+C'),
  copyAs('excalidraw'),
  offered('board', 'import', 'importFile', 'editor'),
  offered('board', 'export', 'exportBoard', 'nothing'),
  offered('board', 'share', 'share', 'nothing'),
  offered('board', 'background', 'background', 'editor'),
  offered('board', 'clear', 'clear', 'editor'),

  ...OUTLINE_TOOLS.map((name): Command => ({ ...tool(name), group: 'shapes' })),
]

/** The browser's own events do these when their keys are pressed, so that it need not ask for the clipboard. */
function clipboard(id: 'cut' | 'copy' | 'paste' | 'paste-plain', needs: Need, key: Chord): Command {
  const offer = id === 'paste-plain' ? 'pastePlain' : id
  return { ...offered('edit', id, offer, needs, key), isNative: true }
}

function copyAs(format: 'png' | 'svg' | 'excalidraw', ...keys: Chord[]): Command {
  return { ...does('board', `copy-${format}`, 'nothing', (c) => c.offers.copyAs?.(format), ...keys), offer: 'copyAs' }
}

/** Enter: what takes several clicks, a comment with its tool, then the text of the selection. */
function write(c: Context): void {
  if (c.tool === 'comment') return c.eye?.comment()
  const last = [...c.selected].at(-1)
  if (!c.eye?.finish() && last !== undefined) c.eye?.write(last)
}

/** Escape: the gesture under way, then comments, then the selection. */
function cancel(c: Context): void {
  if (c.eye?.cancel()) return
  if (c.tool === 'comment') c.choose('select')
  else if (c.selected.size > 0) c.act('selectNone')
}

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]))

/** The command of an id. */
export function commandOf(id: string): Command | undefined {
  return BY_ID.get(id)
}

/** What the keys ask for, if anything: what they write comes before what lies at their place. `single`: whether keys by themselves count. */
export function commandFor(input: KeyInput, single = true): Command | undefined {
  const fits = (how: Fit) => COMMANDS.find(({ keys }) => keys.some((chord) => fitOf(chord, input) === how && (single || !isSingleKey(chord))))
  return fits('written') ?? fits('placed')
}

const LEAST: { readonly [need in Need]?: number } = { look: 1, some: 1, two: 2, three: 3 }

/** Why a command can't be used now; undefined when it can. */
export function whyNot({ needs, offer }: Command, { mayEdit, selected, offers }: Context): Key | undefined {
  if (needs !== 'nothing' && needs !== 'look' && !mayEdit) return 'commands.whyViewer'
  const least = LEAST[needs] ?? 0
  if (selected.size < least) return least === 1 ? 'commands.whySome' : least === 2 ? 'commands.whyTwo' : 'commands.whyThree'
  return offer && !offers[offer] ? 'commands.whyNotHere' : undefined
}
