import { BOARD_RECORD, newRecordId, systemRandom } from '../board/ids'
import type { Patch, RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { copiesOf, type Spot } from '../comments/talk'
import type { FileOf, Fragment } from '../formats/fragment'
import { place } from '../formats/place'
import { orientedOf } from '../shapes/transform'
import { isInside } from '../geometry/oriented'
import { world, type World } from '../geometry/point'
import { ApiError } from '../sync/ports'
import type { Session } from '../sync/session'
import { ImageError, readyImage, type Uploads } from './images'
import type { Incoming } from './read'
import type { Uploading } from './uploading'

/** How many edits are made between two frames. */
const EDITS_AT_ONCE = 500

export interface InsertOptions {
  readonly session: Session
  readonly view: BoardView
  readonly uploads: Uploads
  /** Sends the pictures of shapes. */
  readonly uploading: Uploading
  /** Where the middle comes. */
  readonly at: World
}

/** What came of it. */
export interface Inserted {
  readonly ids: readonly RecordId[]
  /** Why the picture beneath the drawing could not be had. */
  readonly error: unknown
}

/** Adds the shapes as one step of undo, selected; their pictures follow. */
export async function insert(incoming: Incoming, o: InsertOptions): Promise<Inserted> {
  const { session, view } = o
  const fragment = withoutPictures(incoming)
  const empty = view.scene.all().length === 0
  const { document } = session
  const groups = groupsOf(view)
  const beneath = await uploadBeneath(incoming, o.uploads)
  const { edits, ids, by } = place(fragment, {
    taken: (id) => document.get(id) !== undefined || groups.has(id),
    topKey: view.scene.topKey,
    random: systemRandom,
    at: incoming.isWhole && empty ? undefined : o.at,
    frame: frameAt(view, o.at),
    fresh: incoming.fresh,
  })
  const board = empty && incoming.isWhole ? boardOf(fragment, beneath.asset, document.get(BOARD_RECORD)) : {}
  const moved = ({ at: { x, y }, on }: Spot): Spot => ({ at: world(x + by[0], y + by[1]), on: on && ids.has(on.to) ? { ...on, to: ids.get(on.to)! } : undefined })
  const talk = session.self ? copiesOf(fragment.talk ?? [], session.self, moved) : []
  await write(session, [...(Object.keys(board).length > 0 ? [[BOARD_RECORD, board] as const] : []), ...edits, ...talk])
  send(incoming, ids, o.uploading)
  const made = fragment.shapes.map(([id]) => ids.get(id)!)
  select(view, made)
  if (incoming.isWhole && empty) view.fit()
  return { ids: made, error: beneath.error }
}

async function write({ document }: Session, edits: readonly (readonly [RecordId, Patch])[]): Promise<void> {
  const merge = `insert ${newRecordId()}`
  for (let i = 0; i < edits.length; i += EDITS_AT_ONCE) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve))
    document.edit(edits.slice(i, i + EDITS_AT_ONCE), { merge })
  }
}

function select(view: BoardView, ids: readonly RecordId[]): void {
  view.tool = 'select'
  view.selection.set(ids.filter((id) => view.scene.get(id) !== undefined))
}

/** The fragment with image shapes as they are until their pictures have been sent. */
function withoutPictures({ fragment, images }: Incoming): Fragment {
  const waiting = new Set([...images.keys(), ...fragment.files.flatMap(({ shapes }) => shapes)])
  if (waiting.size === 0) return fragment
  return { ...fragment, shapes: fragment.shapes.map(([id, p]) => [id, waiting.has(id) ? { ...p, asset: null } : p]) }
}

const imageOf = ({ type, bytes }: FileOf) => readyImage(new Blob([bytes], { type }))

/** The picture beneath the drawing is there before it is named: nothing is shown in its place. */
async function uploadBeneath({ fragment }: Incoming, uploads: Uploads): Promise<{ asset?: string; error?: unknown }> {
  const file = fragment.files.find(({ shapes }) => shapes.includes(BOARD_RECORD))
  if (!file) return {}
  try {
    return { asset: (await uploads.upload((await imageOf(file)).blob)).id }
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof ImageError)) throw error
    return { error }
  }
}

function send({ fragment, images }: Incoming, ids: ReadonlyMap<RecordId, RecordId>, uploading: Uploading): void {
  for (const [id, image] of images) uploading.add([ids.get(id)!], async () => image)
  for (const file of fragment.files) {
    const shapes = file.shapes.flatMap((id) => ids.get(id) ?? [])
    if (shapes.length > 0) uploading.add(shapes, () => imageOf(file))
  }
}

/** What a file says of the board itself, as far as the board has not said otherwise. */
function boardOf({ paper, background, title }: Fragment, asset: string | undefined, own: Patch = {}): Patch {
  return {
    ...(paper !== undefined && !own['paper'] && { paper }),
    ...(background && asset && !own['background'] && { background: { ...background, asset } }),
    ...(title && !own['title'] && { title }),
  }
}

function groupsOf(view: BoardView): Set<string> {
  const groups = new Set<string>()
  for (const { props } of view.scene.all()) if (Array.isArray(props['groups'])) for (const id of props['groups']) groups.add(id as string)
  return groups
}

/** The topmost frame that a place is in. */
function frameAt(view: BoardView, { x, y }: World): RecordId | undefined {
  const here = view.scene.within({ minX: x, minY: y, maxX: x, maxY: y })
  return here.findLast(({ props }) => {
    const box = props['kind'] === 'frame' && props['locked'] !== true ? orientedOf(props) : undefined
    return box && isInside(box, { x, y } as World)
  })?.id
}
