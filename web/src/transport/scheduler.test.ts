import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('there is no pause while a pointer is down', async () => {
  const page = new EventTarget()
  const idle = vi.fn((then: () => void) => then())
  vi.stubGlobal('window', page)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('requestIdleCallback', idle)
  const { systemPause } = await import('./scheduler')
  const pointer = (type: string, pointerId: number) => page.dispatchEvent(Object.assign(new Event(type), { pointerId }))

  await systemPause()
  expect(idle).toHaveBeenCalledTimes(1)

  pointer('pointerdown', 1)
  pointer('pointerdown', 2)
  const pauses = Promise.all([systemPause(), systemPause()])
  pointer('pointerup', 1)
  await Promise.resolve()
  expect(idle).toHaveBeenCalledTimes(1)
  pointer('pointercancel', 2)
  await pauses
  expect(idle).toHaveBeenCalledTimes(3)
})
