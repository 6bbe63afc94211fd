import { BOARD_RECORD, newRecordId, systemRandom } from '../board/ids'
import type { Patch, RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { withAsset } from '../formats/excalidraw/keep'
import type { Fragment } from '../formats/fragment'
import { place } from '../formats/place'
import { orientedOf } from '../shapes/transform'
import { isInside } from '../geometry/oriented'
import type { World } from '../geometry/point'
import { ApiError } from '../sync/ports'
import type { Session } from '../sync/session'
import { ImageError, readyImage, type ReadyImage, type Uploads } from './images'
import type { Incoming } from './read'

/** How many edits are made between two frames, and how many pictures are uploaded at once. */
const EDITS_AT_ONCE = 500
const UPLOADS_AT_ONCE = 3

export interface InsertOptions {
  readonly session: Session
  readonly view: BoardView
  readonly uploads: Uploads
  /** Where the middle comes. */
  readonly at: World
}

/** What came of it. */
export interface Inserted {
  readonly ids: readonly RecordId[]
  /** Pictures that could not be had, and why the first one could not. */
  readonly failed: number
  readonly error: unknown
}

/** Uploads the pictures, then adds the shapes as one step of undo, selected. */
export async function insert(incoming: Incoming, o: InsertOptions): Promise<Inserted> {
  const { session, view } = o
  const { assets, error } = await uploadAll(incoming, o.uploads)
  const { fragment, failed } = withAssets(incoming, assets)
  const empty = view.scene.all().length === 0
  const { document } = session
  const groups = groupsOf(view)
  const { edits, ids } = place(fragment, {
    taken: (id) => document.get(id) !== undefined || groups.has(id),
    topKey: view.scene.topKey,
    random: systemRandom,
    at: incoming.isWhole && empty ? undefined : o.at,
    frame: frameAt(view, o.at),
    fresh: incoming.fresh,
  })
  const board = empty && incoming.isWhole ? boardOf(fragment, assets, document.get(BOARD_RECORD)) : {}
  await write(session, [...(Object.keys(board).length > 0 ? [[BOARD_RECORD, board] as const] : []), ...edits])
  const made = fragment.shapes.map(([id]) => ids.get(id)!)
  select(view, made)
  if (incoming.isWhole && empty) view.fit()
  return { ids: made, failed, error }
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

/** The ids of uploaded pictures, by shape. One that can't be had does not keep the others away. */
async function uploadAll({ fragment, images }: Incoming, uploads: Uploads): Promise<{ assets: Map<RecordId, string>; error: unknown }> {
  const jobs: { readonly shapes: readonly RecordId[]; readonly image: () => Promise<ReadyImage> }[] = [
    ...[...images].map(([id, image]) => ({ shapes: [id], image: async () => image })),
    ...fragment.files.map(({ type, bytes, shapes }) => ({ shapes, image: () => readyImage(new Blob([bytes], { type })) })),
  ]
  const assets = new Map<RecordId, string>()
  let error: unknown
  const next = jobs.values()
  const work = async () => {
    for (const { shapes, image } of next) {
      try {
        const { id } = await uploads.upload((await image()).blob)
        for (const shape of shapes) assets.set(shape, id)
      } catch (err) {
        if (!(err instanceof ApiError) && !(err instanceof ImageError)) throw err
        error ??= err
      }
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work))
  return { assets, error }
}

/** The shapes with their pictures; image shapes whose picture could not be had are left out. */
function withAssets({ fragment, images }: Incoming, assets: ReadonlyMap<RecordId, string>): { fragment: Fragment; failed: number } {
  const wanted = new Set([...images.keys(), ...fragment.files.flatMap(({ shapes }) => shapes)])
  wanted.delete(BOARD_RECORD)
  const failed = [...wanted].filter((id) => !assets.has(id))
  const shapes = fragment.shapes.flatMap(([id, p]) => {
    const asset = assets.get(id)
    if (asset !== undefined) return [[id, withAsset(p, asset)] as const]
    return wanted.has(id) ? [] : [[id, p] as const]
  })
  return { fragment: { ...fragment, shapes }, failed: failed.length }
}

/** What a file says of the board itself, as far as the board has not said otherwise. */
function boardOf({ paper, background, title }: Fragment, assets: ReadonlyMap<RecordId, string>, own: Patch = {}): Patch {
  const asset = assets.get(BOARD_RECORD)
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
