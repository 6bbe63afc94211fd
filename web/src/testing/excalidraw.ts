import { sceneSteps, type ReadOptions } from '../formats/excalidraw/read'
import { attempt, parseJson, type Fragment, type Result } from '../formats/fragment'

/** The shapes of an Excalidraw file that is parsed already. Throws a FormatError. */
export function readScene(file: unknown, o: ReadOptions): Fragment {
  const steps = sceneSteps(file, o)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

/** The shapes of an Excalidraw file, clipboard or library. */
export function readExcalidraw(text: string, o: ReadOptions): Result<Fragment> {
  return attempt('file', () => readScene(parseJson(text), o))
}
